// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Reports/Table.h"

#include <json/value.h>

#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // A set of figures under the name that a table gives it; `metrics` is HeldOutEvaluation::Summarise()'s, or null.
  struct NamedMetrics
  {
    std::string name;
    Json::Value metrics;
    bool hasSegmentation = true;
  };

  // Accuracy, sensitivity, specificity, AUROC, AUPRC, Dice, and by protocol automatic Brier score and expected
  // calibration error, each with its 95 % interval; the best of each column bold, but of the calibration error, and of
  // the Brier score where a patient of any set has no answer. The paper's tables 1 and 2. `protocol`: "automatic" or
  // "oracle".
  Table MakeMetricTable(const std::string& name, const std::string& caption, const std::vector<NamedMetrics>& sets,
                        const std::string& protocol);

  // Of the development patients, `metrics` being those of all folds together: the AUROC that ranks no two patients of
  // different networks (Evaluation/AurocWithinFolds.h), by both protocols.
  Table MakeWithinFoldsTable(const std::string& name, const std::vector<NamedMetrics>& sets);

  // The genotype slice by slice (Evaluation/SliceScores.h), by protocol oracle; "none" for a set that keeps no slices.
  Table MakeSliceTable(const std::string& name, const std::string& caption, const std::vector<NamedMetrics>& sets);

  // The external cases that were called wrongly, and those without a call (the paper's figure S5).
  Table MakeErrorTable(const std::string& name, const std::vector<Evaluation::CaseOutcome>& outcomes, double threshold);

  // Every number of a metrics tree with its interval, one per row.
  Table FlattenMetrics(const Json::Value& metrics);
}
