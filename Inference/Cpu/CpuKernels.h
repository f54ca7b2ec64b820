// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/InferenceKernels.h"

namespace H3K27M::Cpu
{
  // What the network's steps are computed by on a CPU in float32, where it has the instructions: 3x3 convolutions, two
  // thirds of all multiplications, by minimal filtering with bias, residual and activation in the same pass; attention
  // and the pooling of the stem by functions of their own; the rest by LibTorch.
  class CpuKernels : public Network::IInferenceKernels
  {
  public:
    Network::FusedConvolution MakeConvolution(const torch::nn::Conv2d& convolution) const override;
    Network::FusedConvolution MakeTransposed(const torch::nn::ConvTranspose2d& convolution) const override;
    Network::FusedStem MakeStem(const torch::nn::Conv2d& convolution) const override;
    Network::FusedNorm MakeNorm(const torch::nn::LayerNorm& norm) const override;
    Network::FusedAttention MakeAttention(std::int64_t heads) const override;
    bool MergesProjections() const override;
  };
}
