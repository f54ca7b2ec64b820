// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/StudyPredictor.h"
#include "Training/Data/ICaseSource.h"
#include "Training/Evaluation/CaseOutcome.h"

#include <json/value.h>

#include <functional>
#include <vector>

namespace H3K27M::Evaluation
{
  // A model on cases that it has not seen.
  class HeldOutEvaluation
  {
  public:
    // Runs every case of `source`, one after another. `onCase` is told each outcome as it comes. Without
    // `rules.hasSegmentation` an outcome has no figures of masks.
    static HeldOutEvaluation Run(const Data::ICaseSource& source, Predict::StudyPredictor& predictor,
                                 const Predict::ScoreRules& rules,
                                 const std::function<void(const CaseOutcome&)>& onCase);

    explicit HeldOutEvaluation(std::vector<CaseOutcome> outcomes);

    const std::vector<CaseOutcome>& GetOutcomes() const noexcept
    {
      return outcomes_;
    }

    // {protocol, positive, threshold, cases, tumour_cases, not_determined, tumour_free: {...}}, with tumour cases also
    // {confusion, accuracy, ppv, npv, f1, brier, ece, calibration: {..., left_out}, dice, dice_authors, mask_agreement:
    // {cases, disagreeing, share}}, with both genotypes also {auroc, auroc_logit, auprc, sensitivity, specificity,
    // oracle: {cases, auroc, auroc_logit, auprc, sensitivity, specificity, accuracy, slices (SliceScores.h)}}; null
    // where nothing stands in a denominator. Altered is positive. `oracle` is the paper's protocol: the slices that
    // hold tumour by hand contour speak; all else is of the protocol `automatic`. A tumour case whose genotype was not
    // determined counts as wrong wherever calls are counted (Statistics/ConfusionMatrix.h) and has the worst score of
    // its class where patients are ranked (OutcomeScores.h): leaving it out would flatter the model. Calibration
    // (`brier`, `ece`, `calibration`) is that of answers; `left_out` says how many had none. Dice is that of the masks
    // as the network drew them, below the minimum area too; null of a network that draws none. Throws Error(BadInput)
    // for a probability outside 0..1.
    Json::Value Summarise(double threshold) const;

  private:
    std::vector<CaseOutcome> outcomes_;
  };
}
