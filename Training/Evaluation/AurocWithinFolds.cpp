// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/AurocWithinFolds.h"

#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Statistics/GroupedAuroc.h"

#include <cstdint>

namespace H3K27M::Evaluation
{
  namespace
  {
    constexpr const char* NAME = "auroc_within_folds";

    // There is a tumour case.
    Json::Value Measure(const std::vector<std::vector<CaseOutcome>>& folds, ProtocolField protocol)
    {
      std::vector<CaseOutcome> outcomes;
      std::vector<std::size_t> foldOf;
      for (std::size_t fold = 0; fold < folds.size(); fold++)
      {
        for (const CaseOutcome& outcome : folds[fold])
        {
          if (outcome.hasTumour)
          {
            outcomes.push_back(outcome);
            foldOf.push_back(fold);
          }
        }
      }
      const auto area =
        Statistics::EstimateAurocWithinGroups(ScoreTumourCases(outcomes, protocol), foldOf, BOOTSTRAP_SEED);
      return area ? area->ToJson() : Json::Value();
    }
  }

  void AddAurocWithinFolds(Json::Value& figures, const std::vector<std::vector<CaseOutcome>>& folds)
  {
    if (figures.isMember("auroc"))
    {
      figures[NAME] = Measure(folds, &CaseOutcome::probabilityAltered);
      figures["oracle"][NAME] = Measure(folds, &CaseOutcome::oracleProbability);
    }
  }
}
