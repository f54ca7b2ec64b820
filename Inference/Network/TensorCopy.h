// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

#include <vector>

namespace H3K27M::Network
{
  // The values of a tensor on any device, row by row, as float32 on the host.
  inline std::vector<float> CopyToVector(const torch::Tensor& tensor)
  {
    const torch::Tensor host = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
    const float* data = host.const_data_ptr<float>();
    return {data, data + host.numel()};
  }
}
