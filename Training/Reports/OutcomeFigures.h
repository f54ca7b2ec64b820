// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
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

  // The paper's figure 2: one curve for each, its area in the legend. A set without both genotypes has no curve.
  Figure MakeRocFigure(const std::string& name, const std::string& title, const std::vector<NamedOutcomes>& sets);
  Figure MakePrecisionRecallFigure(const std::string& name, const std::string& title,
                                   const std::vector<NamedOutcomes>& sets);

  // Predicted probability against observed share, with Wilson intervals.
  Figure MakeReliabilityFigure(const std::string& name, const NamedOutcomes& set);

  // Net benefit against treating all and none.
  Figure MakeDecisionFigure(const std::string& name, const NamedOutcomes& set);

  // Each patient's probability by genotype, and each one's Dice by volume order.
  Figure MakeScoreFigure(const std::string& name, const NamedOutcomes& set, double threshold);
}
