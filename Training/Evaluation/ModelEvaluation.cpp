// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/ModelEvaluation.h"

#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/TorchDevice.h"
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
                      ": the device's answer differs from the model's by more than the tolerance; try another "
                      "--device, or --precision fp32 where the command has it: " +
                      Protocol::WriteCompactJson(Predict::Describe(engine.description.selfTest)),
                    false);
      }
      return engine;
    }
  }

  Predict::BackendOptions ChooseSoundOptions(const std::filesystem::path& model, const Predict::BackendOptions& options)
  {
    const auto device = Predict::TorchDevice::Choose(options.device);
    Predict::BackendOptions exact = options;
    exact.precision = Predict::Precision::Float32;
    if (options.precision != Predict::Precision::Auto ||
        device.Resolve(options.precision) == Predict::Precision::Float32)
    {
      return options;
    }
    try
    {
      return Predict::LoadedEngine::Load(model, options).description.selfTest.passed ? options : exact;
    }
    catch (const Error&)
    {
      return options;  // whoever measures is told why
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
