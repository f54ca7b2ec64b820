// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // What a classification head gives: `logits` [slice, 2] and `feature` [slice, F], the vector that enters the last
  // linear layer (F = W/8 * (S/16)^2: 2,048 for the published network).
  struct ClassOutput
  {
    torch::Tensor logits;
    torch::Tensor feature;
  };
}
