// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <cstdint>

namespace H3K27M::Statistics
{
  // The mean squared distance of the probabilities from the truth, 0 or 1 (Brier, 1950): 0 is perfect, 0.25 what
  // everyone at 0.5 gets. Percentile interval of the patient bootstrap.
  // Throws Error(BadInput) when a score lies outside 0..1.
  Estimate EstimateBrierScore(const ScoredPatients& patients, std::uint64_t seed);
}
