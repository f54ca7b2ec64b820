// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"

#include <json/value.h>

#include <vector>

namespace H3K27M::Evaluation
{
  // Adds `auroc_within_folds` to `figures`, HeldOutEvaluation::Summarise()'s of the patients of all folds together, and
  // to their `oracle`, beside `auroc`: the area over the pairs of patients whom the same network scored
  // (Statistics/GroupedAuroc.h); null where no fold has both genotypes. `folds`: the outcomes of each.
  void AddAurocWithinFolds(Json::Value& figures, const std::vector<std::vector<CaseOutcome>>& folds);
}
