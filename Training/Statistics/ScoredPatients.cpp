// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/ScoredPatients.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace H3K27M::Statistics
{
  ScoredPatients::ScoredPatients(std::vector<double> scores, std::vector<bool> isPositive) :
    scores_(std::move(scores)),
    isPositive_(std::move(isPositive)),
    positives_(static_cast<std::size_t>(std::count(isPositive_.begin(), isPositive_.end(), true)))
  {
    if (scores_.empty() || scores_.size() != isPositive_.size())
    {
      throw Error(ErrorCode::BadInput, "Scores and truth are needed of the same patients, of one at least; there are " +
                                         std::to_string(scores_.size()) + " scores and " +
                                         std::to_string(isPositive_.size()) + " labels");
    }
    const auto bad = std::find_if(scores_.begin(), scores_.end(), [](double score) { return !std::isfinite(score); });
    if (bad != scores_.end())
    {
      throw Error(ErrorCode::BadInput,
                  "The score of patient " + std::to_string(bad - scores_.begin()) + " is not a finite number");
    }
  }

  std::vector<double> ScoredPatients::GetScoresOf(bool isPositive) const
  {
    std::vector<double> chosen;
    for (std::size_t i = 0; i < scores_.size(); i++)
    {
      if (isPositive_[i] == isPositive)
      {
        chosen.push_back(scores_[i]);
      }
    }
    return chosen;
  }

  std::vector<std::size_t> ScoredPatients::GetDescendingOrder() const
  {
    std::vector<std::size_t> order(scores_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return scores_[a] > scores_[b]; });
    return order;
  }

  ScoredPatients ScoredPatients::Select(const std::vector<std::size_t>& patients) const
  {
    std::vector<double> scores;
    std::vector<bool> isPositive;
    for (const std::size_t patient : patients)
    {
      scores.push_back(scores_.at(patient));
      isPositive.push_back(isPositive_[patient]);
    }
    return {std::move(scores), std::move(isPositive)};
  }

  void ScoredPatients::RequireBothClasses(std::string_view measure) const
  {
    if (positives_ == 0 || positives_ == scores_.size())
    {
      throw Error(ErrorCode::BadInput, std::string(measure) + " needs patients of both classes");
    }
  }

  void ScoredPatients::RequireProbabilities(std::string_view measure) const
  {
    if (std::any_of(scores_.begin(), scores_.end(), [](double score) { return score < 0 || score > 1; }))
    {
      throw Error(ErrorCode::BadInput, std::string(measure) + " needs probabilities, from 0 to 1");
    }
  }

  void ScoredPatients::RequireSamePatients(const ScoredPatients& other) const
  {
    if (isPositive_ != other.isPositive_)
    {
      throw Error(ErrorCode::BadInput, "A paired comparison needs the same patients in the same order: "
                                       "the truth of the two models differs");
    }
  }
}
