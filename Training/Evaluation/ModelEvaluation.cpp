// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/ModelEvaluation.h"

#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

namespace H3K27M::Evaluation
{
  namespace
  {
    // Figures of a device that does not answer as the model does would be told as the model's.
    Predict::LoadedEngine LoadSound(const std::filesystem::path& model, const Predict::BackendOptions& options)
    {
      auto engine = Predict::LoadedEngine::Load(model, options);
      if (!engine.description.selfTest.passed)
      {
        throw Error(ErrorCode::Unavailable,
                    "Nothing is measured with " + model.string() +
                      ": the device's answer differs from fp32 by more than the tolerance; try --precision fp32, or "
                      "another --device: " +
                      Protocol::WriteCompactJson(Predict::Describe(engine.description.selfTest)),
                    false);
      }
      return engine;
    }
  }

  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         const Predict::BackendOptions& options,
                                         const std::function<void(const CaseOutcome&)>& onCase)
  {
    const auto engine = LoadSound(model, options);
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
