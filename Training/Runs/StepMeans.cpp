// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/StepMeans.h"

namespace H3K27M::Runs
{
  std::optional<StepMeans::Mean> StepMeans::Add(std::size_t step, std::size_t steps, double seconds,
                                                const std::vector<double>& values)
  {
    sums_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); i++)
    {
      sums_[i] += values[i];
    }
    count_++;
    if (step % interval_ != 0 && step != steps)
    {
      return std::nullopt;
    }
    Mean mean;
    for (const double sum : sums_)
    {
      mean.values.push_back(sum / static_cast<double>(count_));
    }
    // A stage begins its clock anew.
    mean.secondsPerStep = (seconds >= lastSeconds_ ? seconds - lastSeconds_ : seconds) / static_cast<double>(count_);
    lastSeconds_ = step == steps ? 0 : seconds;
    sums_.clear();
    count_ = 0;
    return mean;
  }
}
