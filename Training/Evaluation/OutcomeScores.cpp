// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/OutcomeScores.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Evaluation
{
  Statistics::ScoredPatients ScoreTumourCases(const std::vector<CaseOutcome>& outcomes, ProtocolField probability)
  {
    std::vector<double> scores;
    std::vector<bool> isAltered;
    for (const CaseOutcome& outcome : outcomes)
    {
      if (outcome.hasTumour)
      {
        scores.push_back((outcome.*probability).value_or(NOT_DETERMINED_SCORE));
        isAltered.push_back(outcome.genotype == Network::GENOTYPE_ALTERED);
      }
    }
    return {std::move(scores), std::move(isAltered)};
  }

  Statistics::ConfusionMatrix CountCalls(const std::vector<CaseOutcome>& outcomes, double threshold,
                                         ProtocolField probability)
  {
    Statistics::ConfusionMatrix matrix;
    for (const CaseOutcome& outcome : outcomes)
    {
      const bool isAltered = outcome.genotype == Network::GENOTYPE_ALTERED;
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

  std::vector<bool> JudgeCalls(const std::vector<CaseOutcome>& outcomes, double threshold, ProtocolField probability)
  {
    std::vector<bool> isRight;
    for (const CaseOutcome& outcome : outcomes)
    {
      if (outcome.hasTumour)
      {
        const std::optional<double>& score = outcome.*probability;
        isRight.push_back(score && (*score > threshold) == (outcome.genotype == Network::GENOTYPE_ALTERED));
      }
    }
    return isRight;
  }

  std::vector<double> GetTumourDice(const std::vector<CaseOutcome>& outcomes)
  {
    std::vector<double> dice;
    for (const CaseOutcome& outcome : outcomes)
    {
      if (outcome.hasTumour)
      {
        dice.push_back(outcome.dice);
      }
    }
    return dice;
  }
}
