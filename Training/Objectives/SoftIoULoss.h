// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Objectives
{
  // 1 - mean over samples and all three classes of I / (U + 1e-16), I = sum p t, U = sum (p + t - p t) over the pixels,
  // p the softmax, t one-hot. A class that the target lacks counts as 0, as published.
  // `logits` [N, 3, row, column] float, `target` [N, row, column] int64 -> scalar. Source: paper, section 2.6.
  torch::Tensor SoftIoULoss(const torch::Tensor& logits, const torch::Tensor& target);
}
