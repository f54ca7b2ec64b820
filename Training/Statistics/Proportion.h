// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"

#include <cstddef>

namespace H3K27M::Statistics
{
  // `hits` of `trials` with the score interval of Wilson (1927), which holds near 0 and 1 and for few patients.
  // Throws Error(BadInput) when there is no trial or there are more hits than trials.
  Estimate EstimateProportion(std::size_t hits, std::size_t trials);
}
