// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Reports/Table.h"

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // What it brings and costs to state no genotype of patients who look less usual to the model than a share of those
  // that it knows (Predict/InputTypicality.h): for each share how many are passed over, of how many others the
  // model states something and of how many nothing (no tumour found), and AUROC, sensitivity, specificity and accuracy
  // of all these others. With tumour only. Empty when the model knows of no inputs.
  std::optional<Table> MakeAbstentionTable(const std::string& name,
                                           const std::vector<Evaluation::CaseOutcome>& outcomes, double threshold);
}
