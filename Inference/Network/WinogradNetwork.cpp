// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/WinogradNetwork.h"

#include "Inference/Network/InferenceKernels.h"
#include "Inference/Network/WinogradConvolution.h"

namespace H3K27M::Network
{
  namespace
  {
    class WinogradKernels : public IInferenceKernels
    {
    public:
      FusedConvolution MakeConvolution(const torch::nn::Conv2d& convolution) const override
      {
        const auto fast = WinogradConvolution::TryMake(convolution);
        if (!fast)
        {
          return {};
        }
        return [fast = *fast](const torch::Tensor& x, double leak, const torch::Tensor& residual)
        { return fast.Run(x, leak, residual); };
      }

      FusedConvolution MakeTransposed(const torch::nn::ConvTranspose2d&) const override
      {
        return {};
      }

      FusedStem MakeStem(const torch::nn::Conv2d&) const override
      {
        return {};
      }

      FusedNorm MakeNorm(const torch::nn::LayerNorm&) const override
      {
        return {};
      }

      bool MergesProjections() const override
      {
        return false;
      }
    };
  }

  void UseWinograd(torch::nn::Module& network)
  {
    UseKernels(network, WinogradKernels());
  }
}
