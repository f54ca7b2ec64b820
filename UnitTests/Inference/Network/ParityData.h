// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/TensorMap.h"

#include <torch/torch.h>

#include <filesystem>
#include <string>

namespace H3K27M::Testing
{
  // The parity vectors in ../shared/parity (its README.md says what they hold). Not part of the repository.
  class ParityData
  {
  public:
    static bool IsThere();
    static std::filesystem::path GetPath(const std::string& file);
    static Weights::TensorMap Load(const std::string& file);

    // The input that the README gives as a formula, [2, 3, 256, 256] float32; `isMasked`: with the pre-training mask.
    static torch::Tensor MakeInput(bool isMasked);

    // The target of the training steps, [2, 256, 256] int64.
    static torch::Tensor MakeTargetMask();

    // Rows and columns 0, 7, ..., 252, 255 of [N, C, 256, 256].
    static torch::Tensor TakeGrid(const torch::Tensor& map);

    // Every `channelStep`-th channel and every `step`-th row and column.
    static torch::Tensor TakeFeatureGrid(const torch::Tensor& map, std::int64_t channelStep, std::int64_t step);
  };

  double GetLargestDifference(const torch::Tensor& a, const torch::Tensor& b);
}

#define SKIP_WITHOUT_PARITY()                                                                                          \
  if (!H3K27M::Testing::ParityData::IsThere())                                                                         \
  {                                                                                                                    \
    GTEST_SKIP() << "../shared/parity is not there: nothing to compare with here";                                     \
  }
