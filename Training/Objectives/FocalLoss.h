// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Objectives
{
  // Focal loss over pixels: mean over all pixels of alpha[t] (1 - p_t)^2 (-log p_t) with p_t the softmax at the true
  // class t and alpha 0.05, 1, 2 for background, altered, wild type; not divided by the sum of alpha. In the gradient
  // (1 - p_t)^2 is a constant, as published.
  // `logits` [N, 3, row, column] float, `target` [N, row, column] int64 -> scalar. Source: paper, section 2.6.
  torch::Tensor FocalLoss(const torch::Tensor& logits, const torch::Tensor& target);
}
