// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // Throws Error(BadInput) with both shapes unless `image` is [N > 0, channels, size, size] of a floating-point type.
  void CheckImageShape(const torch::Tensor& image, std::int64_t channels, std::int64_t size);
}
