// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/ClassHead.h"
#include "Inference/Network/NetworkOptions.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // Classification from the deepest map alone: two 3x3 convolutions with BN and ReLU, flattened, one linear layer
  // (upstream `classifier`; models 1, 2, 3 and 5 of the paper).
  class BaselineHeadImpl : public torch::nn::Module
  {
  public:
    explicit BaselineHeadImpl(const NetworkOptions& options);

    // `deepest` [slice, 4W, S/16, S/16].
    ClassOutput forward(const torch::Tensor& deepest);

    void Fold();

  private:
    torch::nn::Conv2d conv1_;
    torch::nn::BatchNorm2d bn1_;
    torch::nn::Conv2d conv2_;
    torch::nn::BatchNorm2d bn2_;
    torch::nn::Linear cls_;
  };
  TORCH_MODULE(BaselineHead);
}
