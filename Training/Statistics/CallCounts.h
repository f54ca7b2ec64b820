// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/ScoredPatients.h"

#include <cstddef>
#include <vector>

namespace H3K27M::Statistics
{
  // How many of either class are called positive when all down to one score are.
  struct CallCount
  {
    double score = 0;  // without meaning where nobody is called
    std::size_t hits = 0;
    std::size_t alarms = 0;

    // Somebody must be called.
    double GetPrecision() const;
  };

  // Patients sorted once by their scores, not anew for each sample of them.
  class CallRanking
  {
  public:
    explicit CallRanking(const ScoredPatients& patients);

    // From nobody to everybody, one count for each score among the patients drawn: tied patients are called together,
    // so their order cannot matter. `sample`: indices of the patients, one drawn twice standing in twice.
    std::vector<CallCount> CountCalls(const std::vector<std::size_t>& sample) const;

    // Of all patients, each once.
    std::vector<CallCount> CountCalls() const;

  private:
    std::vector<CallCount> CountTimes(const std::vector<std::size_t>& times) const;

    std::vector<double> scores_;  // [patient]
    std::vector<bool> isPositive_;
    std::vector<std::size_t> order_;  // the highest score first
    std::vector<bool> isLastOfTie_;   // [place in the order]
  };

  // The sum over the counts of (gain in recall) x precision. Both classes must be there.
  double ComputeAveragePrecision(const std::vector<CallCount>& counts);
}
