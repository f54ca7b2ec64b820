// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Training/Data/ICaseSource.h"
#include "Training/Evaluation/HeldOutEvaluation.h"

#include <json/value.h>

#include <filesystem>
#include <vector>

namespace H3K27M::Runs
{
  // Whether a candidate may take the place of the model that serves: declared before, judged by numbers. Both must
  // answer about the same patients, whom neither has seen, of the contrast that both learned; the candidate's AUROC
  // must not be worse by `margin` or more (Statistics/NonInferiorityTest.h).
  struct PromotionGate
  {
    std::filesystem::path baseline;  // model folder
    double margin = 0.05;
    std::size_t minimumPatients = 10;  // of each genotype: fewer that happen to be told apart prove nothing
    Predict::BackendOptions backend;

    // `candidate`: its outcomes on `patients`; `patients` may be null. Runs the baseline there. Returns {passed,
    // reason, margin, baseline: {name, weights_sha256}, cases, comparison}; what cannot be judged has not passed, and
    // `reason` says why.
    Json::Value Judge(const Data::ICaseSource* patients, const std::vector<Evaluation::CaseOutcome>& candidate) const;
  };

  // Throws Error(BadInput) where the outcomes are of fewer than `minimum` patients with tumour of a genotype.
  void RequireGatePatients(const std::vector<Evaluation::CaseOutcome>& outcomes, std::size_t minimum);

  // The test itself, of two models' outcomes on the same patients in the same order: {passed, margin, reason,
  // comparison}. Throws what NonInferiorityTest::Run() throws.
  Json::Value TestGate(const std::vector<Evaluation::CaseOutcome>& candidate,
                       const std::vector<Evaluation::CaseOutcome>& reference, double margin);
}
