// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Objectives/SoftIoULoss.h"

namespace H3K27M::Objectives
{
  torch::Tensor SoftIoULoss(const torch::Tensor& logits, const torch::Tensor& target)
  {
    constexpr double EPSILON = 1e-16;
    const torch::Tensor p = torch::softmax(logits, 1);
    const torch::Tensor t = torch::one_hot(target, logits.size(1)).permute({0, 3, 1, 2}).to(p.scalar_type());
    const torch::Tensor both = (p * t).sum({2, 3});
    const torch::Tensor either = p.sum({2, 3}) + t.sum({2, 3}) - both;
    return 1 - (both / (either + EPSILON)).mean();
  }
}
