// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"

#include <torch/torch.h>

namespace H3K27M::Testing
{
  // 32 x 32 pixels, width 16: the whole network in milliseconds.
  Network::NetworkOptions MakeTinyOptions(Network::Variant variant);

  // Sets every parameter and running statistic to values that depend on name and position alone, so that outputs can be
  // recorded without recording the weights. Nothing is zero, variances lie between 0.25 and 0.75.
  void FillByFormula(torch::nn::Module& module);

  // [slices, channels, size, size] float32, smooth, by formula.
  torch::Tensor MakeTinyInput(std::int64_t slices, std::int64_t channels, std::int64_t size);
}
