// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/PoolClassLayer.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"

namespace H3K27M::Trainers
{
  namespace
  {
    // Of the mean: a tumour covers a few hundredths of the map, so its features must weigh more than 1.
    constexpr double GAIN = 4;

    // The published networks have eight channels before the layer, narrower ones width / 8.
    std::int64_t CountChannels(const torch::nn::Module& network)
    {
      for (const auto& item : network.named_parameters())
      {
        if (item.key() == "decoder.cls_conv2.bias" || item.key() == "classifier.conv2.bias")
        {
          return item.value().size(0);
        }
      }
      throw Error(ErrorCode::Internal, "The network has no classification head");
    }
  }

  void PoolClassLayer(torch::nn::Module& network)
  {
    const torch::NoGradGuard noGrad;
    const std::int64_t channels = CountChannels(network);
    for (auto& item : network.named_parameters())
    {
      const bool isWeight = item.key() == "decoder.cls_cls.weight" || item.key() == "classifier.cls.weight";
      if (isWeight)
      {
        const std::int64_t positions = item.value().size(1) / channels;
        const torch::Tensor sign = 1 - 2 * torch::arange(channels).remainder(2);  // +1, -1, +1, ...
        const torch::Tensor altered =
          sign.to(torch::kFloat32).repeat_interleave(positions) * (GAIN / static_cast<double>(positions));
        item.value().select(0, Network::GENOTYPE_ALTERED).copy_(altered);
        item.value().select(0, Network::GENOTYPE_WILD_TYPE).copy_(-altered);
        item.value().requires_grad_(false);
      }
    }
  }
}
