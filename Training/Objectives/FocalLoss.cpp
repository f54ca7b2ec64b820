// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Objectives/FocalLoss.h"

namespace H3K27M::Objectives
{
  namespace
  {
    // Single precision on purpose: the published 0.05 is.
    constexpr float CLASS_WEIGHTS[] = {0.05F, 1.0F, 2.0F};
  }

  torch::Tensor FocalLoss(const torch::Tensor& logits, const torch::Tensor& target)
  {
    const torch::Tensor weights =
      torch::tensor({CLASS_WEIGHTS[0], CLASS_WEIGHTS[1], CLASS_WEIGHTS[2]}, torch::kFloat32).to(logits.options());
    const torch::Tensor logProbability = torch::log_softmax(logits, 1).gather(1, target.unsqueeze(1)).squeeze(1);
    const torch::Tensor factor = (1 - logProbability.detach().exp()).square();
    return -(weights.index({target}) * factor * logProbability).mean();
  }
}
