// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/ModelEvaluation.h"

#include "Inference/Predict/LoadedEngine.h"

namespace H3K27M::Evaluation
{
  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         const Predict::BackendOptions& options,
                                         const std::function<void(const CaseOutcome&)>& onCase)
  {
    const auto engine = Predict::LoadedEngine::Load(model, options);
    Predict::StudyPredictor predictor(*engine.backend, engine.framing, engine.references);
    Predict::ScoreRules rules = engine.rules;
    rules.hasSegmentation = engine.backend->GetInfo().hasSegmentation;
    return HeldOutEvaluation::Run(source, predictor, rules, onCase).GetOutcomes();
  }

  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         const Predict::BackendOptions& options)
  {
    return EvaluateModel(source, model, options, [](const CaseOutcome&) {});
  }
}
