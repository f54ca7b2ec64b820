// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <filesystem>
#include <vector>

namespace H3K27M::Runs
{
  // A finished model, and where the outcomes of its measurements may lie.
  struct RecordedModel
  {
    std::filesystem::path model;  // its folder

    // Folders of runs: the cross-validation that made it, and evaluations of it. Those come first that are to be taken
    // first. What measured other weights, is not over or has no such patients is passed over.
    std::vector<std::filesystem::path> runs;
  };

  // The promotion gate (PromotionGate.h) once more, for a model that serves only since the candidate's run was over:
  // by what runs of both have on record, with no network. Margin and number of patients are those that the candidate's
  // own run declared. Taken are the first two records, by the candidate's order and then by the baseline's, that are of
  // the same patients with the same images and the same truth.
  // Returns {passed, reason, margin, candidate: {name, weights_sha256}, baseline: {name, weights_sha256}}, and where
  // both were compared also {cases, comparison, records: {candidate, baseline}, measured_with, remarks}; `records` are
  // names of folders. What cannot be compared has not passed and has no `comparison`; nor has passed what was compared
  // and judges nothing (Statistics/NonInferiorityTest.h). Of both `reason` says why and begins with "not judged: ".
  // Throws what reading the cards and the folders throws.
  Json::Value JudgeByRecords(const RecordedModel& candidate, const RecordedModel& baseline);
}
