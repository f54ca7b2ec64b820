// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/HeldOutEvaluation.h"

#include <json/value.h>

#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // One model's answers about the patients that all models answered about.
  struct ComparedModel
  {
    std::string name;
    bool hasSegmentation = true;
    std::vector<Evaluation::CaseOutcome> outcomes;
  };

  // Each model against the last one, on the same patients: AUROC by paired DeLong, right or wrong by McNemar, Dice by
  // paired bootstrap of patients; p two-sided, adjusted by Holm within each measure's family. A list of
  // {first, second, auroc: {...}, mcnemar: {...}, dice: {...} or null}, each with `p_holm`; null where a p is not
  // defined. Throws Error(BadInput) when the models did not answer about the same patients.
  Json::Value CompareModels(std::vector<ComparedModel> models, double threshold);
}
