// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Statistics/ConfusionMatrix.h"
#include "Training/Statistics/ScoredPatients.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace H3K27M::Evaluation
{
  // Which slices spoke: &CaseOutcome::probabilityAltered (`automatic`) or &CaseOutcome::oracleProbability.
  using ProtocolField = std::optional<double> CaseOutcome::*;

  // What a tumour case whose genotype was not determined has for a score where patients are ranked: the worst one of
  // its class, below or above all probabilities. Leaving it out would flatter the model, and one in the middle could
  // stand as well as a right answer.
  constexpr double UNANSWERED_ALTERED_SCORE = -1;
  constexpr double UNANSWERED_WILD_TYPE_SCORE = 2;

  // Of all bootstraps of an evaluation: the same outcomes give the same intervals.
  constexpr std::uint64_t BOOTSTRAP_SEED = 27;

  // For measures of the ranking (AUROC, AUPRC, their curves and comparisons): the cases with tumour, in their order;
  // altered is positive. Throws Error(BadInput) when there is none.
  Statistics::ScoredPatients ScoreTumourCases(const std::vector<CaseOutcome>& outcomes, ProtocolField probability);

  // For calibration: the cases with tumour that were answered, as only an answer can be well or badly calibrated; empty
  // when there is none.
  std::optional<Statistics::ScoredPatients> ScoreAnsweredCases(const std::vector<CaseOutcome>& outcomes,
                                                               ProtocolField probability);

  // For the decision curve: the cases with tumour; nobody acts on one without an answer, at no threshold. Throws
  // Error(BadInput) when there is none.
  Statistics::ScoredPatients ScoreForActing(const std::vector<CaseOutcome>& outcomes, ProtocolField probability);

  // Cases with tumour that were not answered.
  std::size_t CountUnanswered(const std::vector<CaseOutcome>& outcomes, ProtocolField probability);

  // Calls at a threshold; a tumour case without an answer is counted apart, and as wrong.
  Statistics::ConfusionMatrix CountCalls(const std::vector<CaseOutcome>& outcomes, double threshold,
                                         ProtocolField probability);

  // Whether the call about a tumour case was right; where there is none, it was not.
  bool IsCalledRightly(const CaseOutcome& outcome, double threshold, ProtocolField probability);

  // The same of each tumour case, in their order.
  std::vector<bool> JudgeCalls(const std::vector<CaseOutcome>& outcomes, double threshold, ProtocolField probability);

  // Dice of each tumour case that has one, in their order.
  std::vector<double> GetTumourDice(const std::vector<CaseOutcome>& outcomes);
}
