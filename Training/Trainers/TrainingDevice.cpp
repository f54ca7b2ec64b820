// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/TrainingDevice.h"

#include <ATen/Parallel.h>

namespace H3K27M::Trainers
{
  void MoveTo(torch::nn::Module& network, torch::Device device)
  {
    constexpr std::int64_t DIMENSIONS = 4;  // of a convolution's weights
    network.to(device);
    if (device.is_cpu())
    {
      return;
    }
    for (torch::Tensor& parameter : network.parameters())
    {
      if (parameter.dim() == DIMENSIONS)
      {
        parameter.set_data(parameter.detach().contiguous(at::MemoryFormat::ChannelsLast));
      }
    }
  }

  std::size_t CountBatchesAhead(torch::Device device)
  {
    return device.is_cpu() ? 0 : static_cast<std::size_t>(at::get_num_threads());
  }
}
