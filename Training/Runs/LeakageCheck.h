// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // Throws Error(BadInput) when one of the cases that `data` (ICaseSource::Describe()) names was seen by the model or
  // by one that it started from: a patient on both sides stops a run.
  void RefuseSeenCases(const Json::Value& card, const Json::Value& data);

  // The subjects that two descriptions of data have in common, by image or by person: with the names of `data`, or
  // those of `known` where `data` are generated phantoms. One of the two at least is of a folder.
  std::vector<std::string> ListSharedSubjects(const Json::Value& known, const Json::Value& data);
}
