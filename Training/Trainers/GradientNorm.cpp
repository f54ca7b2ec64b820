// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/GradientNorm.h"

#include <torch/torch.h>

namespace H3K27M::Trainers
{
  torch::Tensor ClipGradientNorm(const std::vector<torch::Tensor>& parameters, double limit)
  {
    constexpr double SMALL = 1e-6;  // as PyTorch's own: a gradient of zero stays one
    const torch::NoGradGuard noGradient;
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& parameter : parameters)
    {
      if (parameter.grad().defined())
      {
        gradients.push_back(parameter.grad());
      }
    }
    if (gradients.empty())
    {
      return torch::zeros({});
    }
    const torch::Tensor norm = torch::stack(at::_foreach_norm(gradients)).norm();
    if (limit > 0)
    {
      at::_foreach_mul_(gradients, (limit / (norm + SMALL)).clamp_max(1));
    }
    return norm;
  }
}
