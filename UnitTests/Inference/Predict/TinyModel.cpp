// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Inference/Predict/TinyModel.h"

#include <torch/torch.h>

#include <string>

namespace H3K27M::Predict
{
  Network::GenotypeNet MakeTinyModel(std::uint64_t seed, Network::Variant variant)
  {
    torch::manual_seed(seed);
    Network::NetworkOptions options;
    options.variant = variant;
    options.inputSize = 64;
    options.width = 16;
    Network::GenotypeNet network(options);
    const torch::NoGradGuard guard;
    for (auto& item : network->named_buffers())
    {
      if (item.key().ends_with("running_mean"))
      {
        item.value().normal_(0, 0.2);
      }
      if (item.key().ends_with("running_var"))
      {
        item.value().uniform_(0.3, 2);
      }
    }
    for (auto& item : network->named_parameters())
    {
      if (item.value().dim() == 1)
      {
        item.value().add_(torch::randn_like(item.value()) * 0.1);
      }
    }
    network->eval();
    return network;
  }
}
