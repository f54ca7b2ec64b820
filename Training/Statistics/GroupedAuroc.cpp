// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/GroupedAuroc.h"

#include "Training/Statistics/PatientBootstrap.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace H3K27M::Statistics
{
  namespace
  {
    struct GroupScores
    {
      std::vector<double> positives;
      std::vector<double> negatives;
    };

    struct PairCount
    {
      double won = 0;  // ties half
      double all = 0;

      double GetShare() const
      {
        return won / all;
      }
    };

    void AddPairs(PairCount& count, GroupScores& group)
    {
      std::sort(group.negatives.begin(), group.negatives.end());
      for (const double score : group.positives)
      {
        const auto [level, above] = std::equal_range(group.negatives.begin(), group.negatives.end(), score);
        count.won += static_cast<double>(level - group.negatives.begin()) + static_cast<double>(above - level) / 2;
      }
      count.all += static_cast<double>(group.positives.size()) * static_cast<double>(group.negatives.size());
    }

    PairCount CountPairs(const ScoredPatients& patients, const std::vector<std::size_t>& groups,
                         const std::vector<std::size_t>& sample)
    {
      std::map<std::size_t, GroupScores> drawn;
      for (const std::size_t patient : sample)
      {
        GroupScores& group = drawn[groups[patient]];
        (patients.GetTruth()[patient] ? group.positives : group.negatives).push_back(patients.GetScores()[patient]);
      }
      PairCount count;
      for (auto& [number, group] : drawn)
      {
        AddPairs(count, group);
      }
      return count;
    }
  }

  std::optional<Estimate> EstimateAurocWithinGroups(const ScoredPatients& patients,
                                                    const std::vector<std::size_t>& groups, std::uint64_t seed)
  {
    const auto bootstrap = PatientBootstrap::WithinGroups(patients, groups, seed);
    std::vector<std::size_t> everyone(patients.GetCount());
    std::iota(everyone.begin(), everyone.end(), std::size_t{0});
    const PairCount pairs = CountPairs(patients, groups, everyone);
    if (pairs.all == 0)
    {
      return std::nullopt;
    }
    // A sample has as many patients of each class in each group, so as many pairs.
    return bootstrap.EstimateInterval(pairs.GetShare(), [&](const std::vector<std::size_t>& sample)
    { return CountPairs(patients, groups, sample).GetShare(); });
  }
}
