// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/IBackend.h"
#include "Inference/Predict/PatientScore.h"
#include "Inference/Predict/ResultJson.h"
#include "Inference/Weights/InputReference.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace H3K27M::Predict
{
  // A model on a device, compared with plain fp32 and ready to answer.
  struct LoadedEngine
  {
    std::unique_ptr<IBackend> backend;
    std::vector<std::optional<Weights::InputReference>> references;  // of each network of the backend
    EngineDescription description;
    Preprocess::Framing framing = Preprocess::Framing::Head;
    ScoreRules rules;  // the card's threshold and minimum area: what a request that says nothing gets

    // Reads the model folder (Resources/Models/NAME), runs the published network in fp32 on the CPU on the slices of
    // the self-test, then builds the tuned network on the device and compares. A failed comparison is not an error
    // here: see description.selfTest. Throws Error for a folder that is not a model, or a device that cannot be had.
    static LoadedEngine Load(const std::filesystem::path& model, const BackendOptions& options);
  };
}
