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

  // Each model against the last one, on the same patients: AUROC by paired DeLong, right or wrong by McNemar, both of
  // the protocol `automatic` and of `oracle`, Dice by paired bootstrap of patients. A list of {first, second,
  // auroc: {...} or null, mcnemar: {...}, oracle: {auroc, mcnemar}, dice: {...} or null}, adjusted as below; `auroc` is
  // null where all patients with tumour are of one genotype, the whole where no patient has a tumour. Throws
  // Error(BadInput) when the models did not answer about the same patients, or knew another truth of them.
  Json::Value CompareModels(std::vector<ComparedModel> models, double threshold);

  // One entry of such a list, not adjusted; null where no patient has a tumour.
  Json::Value ComparePair(ComparedModel first, ComparedModel second, double threshold);

  // Adds `p_holm` to each p, two-sided, adjusted by Holm within the family of these comparisons: one family for each
  // measure and protocol. Where a p is not defined nothing is added, and in the family it counts as 1; what is null was
  // not compared and is in no family.
  void AdjustComparisons(const std::vector<Json::Value*>& comparisons);
}
