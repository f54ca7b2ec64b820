// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Statistics/ConfusionMatrix.h"
#include "Training/Statistics/ScoredPatients.h"

#include <optional>
#include <vector>

namespace H3K27M::Evaluation
{
  // Which slices spoke: &CaseOutcome::probabilityAltered (`automatic`) or &CaseOutcome::oracleProbability.
  using ProtocolField = std::optional<double> CaseOutcome::*;

  // The score of a tumour case whose genotype was not determined: leaving it out would flatter the model.
  constexpr double NOT_DETERMINED_SCORE = 0.5;

  // The cases with tumour, in their order; altered is positive. Throws Error(BadInput) when there is none.
  Statistics::ScoredPatients ScoreTumourCases(const std::vector<CaseOutcome>& outcomes, ProtocolField probability);

  // Calls at a threshold; a tumour case without an answer is counted apart, and as wrong.
  Statistics::ConfusionMatrix CountCalls(const std::vector<CaseOutcome>& outcomes, double threshold,
                                         ProtocolField probability);

  // Whether the call about each tumour case was right, in their order.
  std::vector<bool> JudgeCalls(const std::vector<CaseOutcome>& outcomes, double threshold, ProtocolField probability);

  // Dice of each tumour case, in their order.
  std::vector<double> GetTumourDice(const std::vector<CaseOutcome>& outcomes);
}
