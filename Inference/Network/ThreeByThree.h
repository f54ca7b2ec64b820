// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // The convolution of decoder and classification heads: 3 x 3 with a bias; the map keeps its size, or is halved by a
  // stride of 2.
  inline torch::nn::Conv2d MakeThreeByThree(std::int64_t inputs, std::int64_t outputs, std::int64_t stride = 1)
  {
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, 3).stride(stride).padding(1));
  }
}
