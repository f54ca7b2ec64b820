// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/Schedule.h"

#include <cmath>
#include <numbers>

namespace H3K27M::Trainers
{
  Schedule Schedule::WithWarmUp(double peak, std::size_t steps, double share)
  {
    return {peak, static_cast<std::size_t>(static_cast<double>(steps) * share), steps};
  }

  double Schedule::GetRate(std::size_t step) const
  {
    if (step < warmUpSteps)
    {
      return peak * static_cast<double>(step + 1) / static_cast<double>(warmUpSteps);
    }
    const double share = static_cast<double>(step - warmUpSteps) / static_cast<double>(steps - warmUpSteps);
    return peak * 0.5 * (1 + std::cos(std::numbers::pi * share));
  }
}
