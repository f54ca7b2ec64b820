// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace H3K27M::Runs
{
  // Means of what each step reports, over an interval of steps: what a loss curve is drawn from.
  class StepMeans
  {
  public:
    struct Mean
    {
      std::vector<double> values;
      double secondsPerStep = 0;
    };

    explicit StepMeans(std::size_t interval) :
      interval_(interval)
    {
    }

    // `step` counted from 1, `seconds` since the run began; the same number of values each time. Gives the means at the
    // end of each interval, and after the last of `steps`.
    std::optional<Mean> Add(std::size_t step, std::size_t steps, double seconds, const std::vector<double>& values);

  private:
    std::size_t interval_;
    std::size_t count_ = 0;  // in the sums
    double lastSeconds_ = 0;
    std::vector<double> sums_;
  };
}
