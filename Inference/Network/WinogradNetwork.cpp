// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/WinogradNetwork.h"

#include "Inference/Network/ResNetEncoder.h"
#include "Inference/Network/UNetDecoder.h"

namespace H3K27M::Network
{
  void UseWinograd(torch::nn::Module& network)
  {
    for (const auto& part : network.modules())
    {
      if (auto* const block = part->as<BasicBlockImpl>())
      {
        block->UseWinograd();
      }
      else if (auto* const bottleneck = part->as<BottleneckImpl>())
      {
        bottleneck->UseWinograd();
      }
    }
  }
}
