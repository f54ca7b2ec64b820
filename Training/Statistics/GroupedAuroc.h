// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace H3K27M::Statistics
{
  // The AUROC of patients whom several networks scored, the patients of each network a group: only pairs within a group
  // are compared, as the scores of two networks need not be on one scale. The sum over the groups of the pairs that are
  // won, ties half, divided by the sum of their pairs: the mean of the groups' areas, weighted by their pairs.
  // Interval: bootstrap of patients within each group and class. `groups` [patient]. Empty where no group has both
  // classes. Throws Error(BadInput) unless there is a group for each patient.
  std::optional<Estimate> EstimateAurocWithinGroups(const ScoredPatients& patients,
                                                    const std::vector<std::size_t>& groups, std::uint64_t seed);
}
