// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/RandomSource.h"
#include "Training/Statistics/ScoredPatients.h"

namespace H3K27M::Tests
{
  // Patients of both classes in turn, whose scores are `separation` deviations apart, then shrunk into 0..1.
  // `steps`: the scores are rounded to that many steps, so that there are ties; 0: not.
  inline Statistics::ScoredPatients SimulatePatients(std::uint64_t seed, std::size_t count, double separation,
                                                     int steps)
  {
    Phantom::RandomSource random(seed, 0);
    std::vector<double> scores;
    std::vector<bool> isPositive;
    for (std::size_t i = 0; i < count; i++)
    {
      isPositive.push_back(i % 2 == 0);
      const double value = 0.5 + (random.Gaussian() + (i % 2 == 0 ? separation / 2 : -separation / 2)) / 16;
      scores.push_back(steps == 0 ? value : static_cast<double>(static_cast<int>(value * steps)) / steps);
    }
    return {std::move(scores), std::move(isPositive)};
  }
}
