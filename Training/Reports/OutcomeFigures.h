// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Reports/Figure.h"

#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // The answers of one network, or of an ensemble, under the name that a figure gives them.
  struct NamedOutcomes
  {
    std::string name;
    std::vector<Evaluation::CaseOutcome> outcomes;
  };

  struct CurveFigures
  {
    Figure roc;
    Figure precisionRecall;
  };

  // The paper's figure 2, "roc-NAME" and "pr-NAME": one curve for each set with its band (Statistics/CurveBands.h), and
  // in the legend its area: of ROC with the interval on the logit scale; of precision and recall the average precision,
  // which is the area under the steps, with that of the bootstrap. The dashed lines are what chance gives: the
  // prevalence is that of all sets together. A set without both genotypes has no curve.
  CurveFigures MakeCurveFigures(const std::string& name, const std::string& title,
                                const std::vector<NamedOutcomes>& sets,
                                Evaluation::ProtocolField protocol = &Evaluation::CaseOutcome::probabilityAltered);

  // Predicted probability against observed share, with Wilson intervals, of the patients with an answer.
  Figure MakeReliabilityFigure(const std::string& name, const NamedOutcomes& set);

  // Net benefit, with its band, against treating all and none.
  Figure MakeDecisionFigure(const std::string& name, const NamedOutcomes& set);

  // Each patient's probability and Dice by genotype, of those who have both.
  Figure MakeScoreFigure(const std::string& name, const NamedOutcomes& set, double threshold);
}
