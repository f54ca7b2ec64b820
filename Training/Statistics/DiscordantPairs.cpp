// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/DiscordantPairs.h"

#include <optional>
#include <vector>

namespace H3K27M::Statistics
{
  namespace
  {
    // 1, 0 or -1: the positive stands above the negative, level with it or below.
    int RankPair(const ScoredPatients& patients, std::size_t positive, std::size_t negative)
    {
      const double distance = patients.GetScores()[positive] - patients.GetScores()[negative];
      return distance > 0 ? 1 : distance < 0 ? -1 : 0;
    }

    // Grows by augmenting paths (Kuhn, 1955).
    class PairMatching
    {
    public:
      PairMatching(const ScoredPatients& first, const ScoredPatients& second) :
        first_(first),
        second_(second),
        partners_(first.GetCount())
      {
      }

      // Whether the positive finds a negative, others changing theirs where they can.
      bool Match(std::size_t positive)
      {
        wasAsked_.assign(first_.GetCount(), false);
        return FindPartner(positive);
      }

    private:
      bool FindPartner(std::size_t positive)
      {
        for (std::size_t negative = 0; negative < partners_.size(); negative++)
        {
          if (!first_.GetTruth()[negative] && !wasAsked_[negative] &&
              RankPair(first_, positive, negative) != RankPair(second_, positive, negative))
          {
            wasAsked_[negative] = true;
            const std::optional<std::size_t> other = partners_[negative];
            if (!other || FindPartner(*other))
            {
              partners_[negative] = positive;
              return true;
            }
          }
        }
        return false;
      }

      const ScoredPatients& first_;
      const ScoredPatients& second_;
      std::vector<std::optional<std::size_t>> partners_;  // [patient]: of a negative, its positive
      std::vector<bool> wasAsked_;
    };
  }

  std::size_t CountDiscordantPairs(const ScoredPatients& first, const ScoredPatients& second, std::size_t enough)
  {
    first.RequireSamePatients(second);
    PairMatching matching(first, second);
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < first.GetCount() && pairs < enough; i++)
    {
      pairs += first.GetTruth()[i] && matching.Match(i) ? 1 : 0;
    }
    return pairs;
  }
}
