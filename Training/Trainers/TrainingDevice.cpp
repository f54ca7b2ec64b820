// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/TrainingDevice.h"

#include "Inference/Predict/TorchDevice.h"

#include <ATen/Parallel.h>

namespace H3K27M::Trainers
{
  void MoveTo(torch::nn::Module& network, torch::Device device)
  {
    network.to(device);
    if (!device.is_cpu())
    {
      Predict::UseChannelsLast(network);
    }
  }

  std::size_t CountBatchesAhead(torch::Device device)
  {
    return device.is_cpu() ? 0 : static_cast<std::size_t>(at::get_num_threads());
  }
}
