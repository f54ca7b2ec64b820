// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/OutcomeScores.h"

#include "Inference/Network/Axes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace H3K27M::Evaluation
{
  namespace
  {
    bool IsAltered(const CaseOutcome& outcome)
    {
      return outcome.genotype == Network::GENOTYPE_ALTERED;
    }

    Statistics::ScoredPatients ScoreCases(const std::vector<CaseOutcome>& outcomes, ProtocolField probability,
                                          double unansweredAltered, double unansweredWildType)
    {
      std::vector<double> scores;
      std::vector<bool> isAltered;
      for (const CaseOutcome& outcome : outcomes)
      {
        if (outcome.hasTumour)
        {
          const double unanswered = IsAltered(outcome) ? unansweredAltered : unansweredWildType;
          scores.push_back((outcome.*probability).value_or(unanswered));
          isAltered.push_back(IsAltered(outcome));
        }
      }
      return {std::move(scores), std::move(isAltered)};
    }
  }

  Statistics::ScoredPatients ScoreTumourCases(const std::vector<CaseOutcome>& outcomes, ProtocolField probability)
  {
    return ScoreCases(outcomes, probability, UNANSWERED_ALTERED_SCORE, UNANSWERED_WILD_TYPE_SCORE);
  }

  std::optional<Statistics::ScoredPatients> ScoreAnsweredCases(const std::vector<CaseOutcome>& outcomes,
                                                               ProtocolField probability)
  {
    std::vector<CaseOutcome> answered;
    std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(answered),
                 [probability](const CaseOutcome& outcome) { return outcome.hasTumour && outcome.*probability; });
    return answered.empty() ? std::nullopt : std::optional(ScoreTumourCases(answered, probability));
  }

  Statistics::ScoredPatients ScoreForActing(const std::vector<CaseOutcome>& outcomes, ProtocolField probability)
  {
    return ScoreCases(outcomes, probability, 0, 0);  // acted on is who lies strictly above a threshold of 0 or more
  }

  std::size_t CountUnanswered(const std::vector<CaseOutcome>& outcomes, ProtocolField probability)
  {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                                  [probability](const CaseOutcome& outcome)
    { return outcome.hasTumour && !(outcome.*probability); }));
  }

  Statistics::ConfusionMatrix CountCalls(const std::vector<CaseOutcome>& outcomes, double threshold,
                                         ProtocolField probability)
  {
    Statistics::ConfusionMatrix matrix;
    for (const CaseOutcome& outcome : outcomes)
    {
      const bool isAltered = IsAltered(outcome);
      const std::optional<double>& score = outcome.*probability;
      if (!outcome.hasTumour)
      {
        continue;
      }
      if (!score)
      {
        (isAltered ? matrix.unansweredPositives : matrix.unansweredNegatives)++;
      }
      else if (*score > threshold)
      {
        (isAltered ? matrix.truePositives : matrix.falsePositives)++;
      }
      else
      {
        (isAltered ? matrix.falseNegatives : matrix.trueNegatives)++;
      }
    }
    return matrix;
  }

  bool IsCalledRightly(const CaseOutcome& outcome, double threshold, ProtocolField probability)
  {
    const std::optional<double>& score = outcome.*probability;
    return score && (*score > threshold) == IsAltered(outcome);
  }

  std::vector<bool> JudgeCalls(const std::vector<CaseOutcome>& outcomes, double threshold, ProtocolField probability)
  {
    std::vector<bool> isRight;
    for (const CaseOutcome& outcome : outcomes)
    {
      if (outcome.hasTumour)
      {
        isRight.push_back(IsCalledRightly(outcome, threshold, probability));
      }
    }
    return isRight;
  }

  std::vector<double> GetTumourDice(const std::vector<CaseOutcome>& outcomes)
  {
    std::vector<double> dice;
    for (const CaseOutcome& outcome : outcomes)
    {
      if (outcome.hasTumour && outcome.dice)
      {
        dice.push_back(*outcome.dice);
      }
    }
    return dice;
  }
}
