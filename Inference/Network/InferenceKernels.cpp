// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/InferenceKernels.h"

#include "Inference/Network/ResNetEncoder.h"
#include "Inference/Network/UNetDecoder.h"

namespace H3K27M::Network
{
  namespace
  {
    // [slice, token, feature] -> [slice, head, token, feature of the head], a view.
    torch::Tensor SplitHeads(const torch::Tensor& tokens, std::int64_t heads)
    {
      return tokens.unflatten(-1, {heads, -1}).transpose(1, 2);
    }

    template <typename Part>
    void Offer(torch::nn::Module& module, const IInferenceKernels& kernels)
    {
      if (auto* const part = module.as<Part>())
      {
        part->UseKernels(kernels);
      }
    }
  }

  torch::Tensor AttendByLibTorch(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values,
                                 std::int64_t heads, double dropout)
  {
    return torch::scaled_dot_product_attention(SplitHeads(queries, heads), SplitHeads(keys, heads),
                                               SplitHeads(values, heads), {}, dropout)
      .transpose(1, 2)
      .flatten(2);
  }

  void UseKernels(torch::nn::Module& network, const IInferenceKernels& kernels)
  {
    for (const auto& module : network.modules())
    {
      Offer<ResNetEncoderImpl>(*module, kernels);
      Offer<BasicBlockImpl>(*module, kernels);
      Offer<TransformerBlockImpl>(*module, kernels);
      Offer<TransformerLayerImpl>(*module, kernels);
      Offer<SelfAttentionImpl>(*module, kernels);
      Offer<UNetDecoderImpl>(*module, kernels);
      Offer<UpsampleImpl>(*module, kernels);
      Offer<BottleneckImpl>(*module, kernels);
    }
  }
}
