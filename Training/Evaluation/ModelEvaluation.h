// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Training/Evaluation/HeldOutEvaluation.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace H3K27M::Evaluation
{
  // The options under which a device answers as the model does: fp32 where "auto" chose another precision and the model
  // fails the self-test in that, else those that are given. What is measured with them is told to be measured so.
  Predict::BackendOptions ChooseSoundOptions(const std::filesystem::path& model,
                                             const Predict::BackendOptions& options);

  // A model folder, one network or an ensemble, over all cases of a source, by its own card's rules. `onCase` is told
  // each outcome as it comes. Throws what LoadedEngine::Load and HeldOutEvaluation::Run throw, and Error(Unavailable)
  // when the device fails the self-test with this model.
  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         const Predict::BackendOptions& options,
                                         const std::function<void(const CaseOutcome&)>& onCase);

  // The same without being told how far it is.
  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         const Predict::BackendOptions& options);
}
