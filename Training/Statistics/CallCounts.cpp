// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/CallCounts.h"

namespace H3K27M::Statistics
{
  double CallCount::GetPrecision() const
  {
    return static_cast<double>(hits) / static_cast<double>(hits + alarms);
  }

  CallRanking::CallRanking(const ScoredPatients& patients) :
    scores_(patients.GetScores()),
    isPositive_(patients.GetTruth()),
    order_(patients.GetDescendingOrder())
  {
    isLastOfTie_.reserve(order_.size());
    for (std::size_t i = 0; i < order_.size(); i++)
    {
      isLastOfTie_.push_back(i + 1 == order_.size() || scores_[order_[i + 1]] < scores_[order_[i]]);
    }
  }

  std::vector<CallCount> CallRanking::CountCalls(const std::vector<std::size_t>& sample) const
  {
    std::vector<std::size_t> times(order_.size());
    for (const std::size_t patient : sample)
    {
      times[patient]++;
    }
    return CountTimes(times);
  }

  std::vector<CallCount> CallRanking::CountCalls() const
  {
    return CountTimes(std::vector<std::size_t>(order_.size(), 1));
  }

  std::vector<CallCount> CallRanking::CountTimes(const std::vector<std::size_t>& times) const
  {
    std::vector<CallCount> counts(1);
    CallCount count;
    std::size_t called = 0;
    for (std::size_t i = 0; i < order_.size(); i++)
    {
      (isPositive_[order_[i]] ? count.hits : count.alarms) += times[order_[i]];
      if (isLastOfTie_[i] && count.hits + count.alarms > called)
      {
        called = count.hits + count.alarms;
        count.score = scores_[order_[i]];
        counts.push_back(count);
      }
    }
    return counts;
  }

  double ComputeAveragePrecision(const std::vector<CallCount>& counts)
  {
    // Whole patients are summed and divided once: of classes that are apart the area is 1, not nearly 1.
    double sum = 0;
    for (std::size_t i = 1; i < counts.size(); i++)
    {
      sum += static_cast<double>(counts[i].hits - counts[i - 1].hits) * counts[i].GetPrecision();
    }
    return sum / static_cast<double>(counts.back().hits);
  }
}
