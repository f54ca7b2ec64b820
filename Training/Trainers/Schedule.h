// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace H3K27M::Trainers
{
  // Learning rate over a run: linear warm-up, then half a cosine down to zero.
  struct Schedule
  {
    double peak = 1e-3;
    std::size_t warmUpSteps = 0;
    std::size_t steps = 1;

    // Warm-up for `share` (0 to 1) of the steps.
    static Schedule WithWarmUp(double peak, std::size_t steps, double share);

    // `step` from 0 to steps - 1.
    double GetRate(std::size_t step) const;
  };
}
