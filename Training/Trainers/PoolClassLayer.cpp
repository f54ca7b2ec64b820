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

    // Of the last layer, in every variant.
    torch::Tensor FindWeight(const torch::nn::Module& network)
    {
      for (const auto& item : network.named_parameters())
      {
        if (item.key() == "decoder.cls_cls.weight" || item.key() == "classifier.cls.weight")
        {
          return item.value();
        }
      }
      throw Error(ErrorCode::Internal, "The network has no classification layer");
    }

    // [2, channels * positions], as the layer's weight.
    torch::Tensor MakePooled(const torch::Tensor& weight, std::int64_t channels)
    {
      const std::int64_t positions = weight.size(1) / channels;
      const torch::Tensor sign = 1 - 2 * torch::arange(channels).remainder(2);  // +1, -1, +1, ...
      const torch::Tensor altered =
        sign.to(torch::kFloat32).repeat_interleave(positions) * (GAIN / static_cast<double>(positions));
      torch::Tensor pooled = torch::empty({2, weight.size(1)});
      pooled.select(0, Network::GENOTYPE_ALTERED).copy_(altered);
      pooled.select(0, Network::GENOTYPE_WILD_TYPE).copy_(-altered);
      return pooled;
    }
  }

  void PoolClassLayer(torch::nn::Module& network)
  {
    const torch::NoGradGuard noGrad;
    torch::Tensor weight = FindWeight(network);
    weight.copy_(MakePooled(weight, CountChannels(network)));
    weight.requires_grad_(false);
  }

  bool HasPooledClassLayer(const torch::nn::Module& network)
  {
    constexpr double ROUNDING = 1e-3;  // relative, of weights that were stored in fp16
    const torch::NoGradGuard noGrad;
    const torch::Tensor weight = FindWeight(network).to(torch::kCPU, torch::kFloat32);
    return torch::allclose(weight, MakePooled(weight, CountChannels(network)), ROUNDING, 0);
  }
}
