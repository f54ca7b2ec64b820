// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <filesystem>

namespace H3K27M::Reports
{
  // Two runs side by side, read from their folders; nothing is computed with a network:
  //   config    keys that differ, {key, a, b}; a key that one run does not have is null there
  //   data      {same, a: {hash, count}, b: {...}}: whether both were trained or measured on the same data set
  //   measured  one for each set of patients (out_of_fold, external) that either run measured, and for each model of
  //             two ablations: {set, models: {a, b}, patients: {a, b, common}, metrics: {auroc: {a, b}, ...,
  //             oracle: {auroc: {a, b}, ...}}, comparable, reason, difference: {auroc, mcnemar, dice,
  //             oracle: {auroc, mcnemar}} or null}
  //   remarks   what must be known of the differences, in words
  // A metric is an estimate with its interval, or null. Differences are a minus b, paired by patient
  // (Runs/ModelComparison.h), and stand there only when both runs measured the same patients with the same truth;
  // otherwise `reason` says why not. The p of two ablations' models are adjusted by Holm within each set, measure and
  // slice protocol (`p_holm`). Of an ablation against another kind of run its last model is taken, the paper's own.
  // Throws Error(NotFound) for a folder that holds no run, Error(Conflict) for a cross-validation, ablation or
  // evaluation that is not finished.
  Json::Value CompareRuns(const std::filesystem::path& a, const std::filesystem::path& b);
}
