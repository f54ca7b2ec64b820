// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/HeldOutEvaluation.h"

#include <filesystem>
#include <vector>

namespace H3K27M::Evaluation
{
  // A model folder, one network or an ensemble, over all cases of a source, by its own card's rules, on the CPU or the
  // GPU that there is. Throws what LoadedEngine::Load and HeldOutEvaluation::Run throw.
  std::vector<CaseOutcome> EvaluateModel(const Data::ICaseSource& source, const std::filesystem::path& model,
                                         unsigned int threads);
}
