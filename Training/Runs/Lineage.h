// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <functional>

namespace H3K27M::Runs
{
  // How many cases data hold, or a model has learned from.
  struct CaseCounts
  {
    std::uint64_t phantoms = 0;
    std::uint64_t others = 0;
  };

  // Whether the data (ICaseSource::Describe()) are phantoms made on the fly, from seeds.
  bool IsGenerated(const Json::Value& data);

  // Of one description of data.
  CaseCounts CountCases(const Json::Value& data);

  // Calls `visit` with the training data of the model (its card, or DescribeOrigin() of one) and of all that it started
  // from.
  void VisitLineage(const Json::Value& card, const std::function<void(const Json::Value&)>& visit);

  // Of all these data together. What was seen twice, by the encoder and by the model say, counts once: images by their
  // hash, phantoms made on the fly by their seed.
  CaseCounts CountLineage(const Json::Value& card);

  // For metrics, so that they say whose they are: {trained_on, phantoms, others}: the card's own words, null without
  // any, and CountLineage().
  Json::Value DescribeLineage(const Json::Value& card);
}
