// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/InferenceKernels.h"

#include "Inference/Network/ResNetEncoder.h"
#include "Inference/Network/UNetDecoder.h"

namespace H3K27M::Network
{
  namespace
  {
    template <typename Part>
    void Offer(torch::nn::Module& module, const IInferenceKernels& kernels)
    {
      if (auto* const part = module.as<Part>())
      {
        part->UseKernels(kernels);
      }
    }
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
