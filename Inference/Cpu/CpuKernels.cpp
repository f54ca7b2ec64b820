// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/CpuKernels.h"

#include "Inference/Cpu/Attention.h"
#include "Inference/Cpu/CanCompute.h"
#include "Inference/Cpu/Lanes.h"
#include "Inference/Cpu/StemPool.h"
#include "Inference/Cpu/WinogradConvolution.h"

namespace H3K27M::Cpu
{
  Network::FusedConvolution CpuKernels::MakeConvolution(const torch::nn::Conv2d& convolution) const
  {
    const auto fast = WinogradConvolution::TryMake(convolution);

    if (!fast)
    {
      return {};
    }

    return [fast = *fast](const torch::Tensor& x, double leak, const torch::Tensor& residual)
    { return fast.Run(x, leak, residual); };
  }

  // An own one, as a product of each of the result's four kinds of pixels with one, two or four neighbours, took a
  // tenth longer than oneDNN's.
  Network::FusedConvolution CpuKernels::MakeTransposed(const torch::nn::ConvTranspose2d&) const
  {
    return {};
  }

  Network::FusedStem CpuKernels::MakeStem(const torch::nn::Conv2d& convolution) const
  {
    const torch::Tensor& weight = convolution->weight;

    if (!CanCompute(weight) || weight.size(0) % LANES != 0)
    {
      return {};
    }

    return [convolution](const torch::Tensor& image)
    {
      torch::nn::Conv2d module = convolution;
      return RectifyAndPool(module(image));
    };
  }

  Network::FusedNorm CpuKernels::MakeNorm(const torch::nn::LayerNorm&) const
  {
    return {};
  }

  Network::FusedAttention CpuKernels::MakeAttention(std::int64_t heads) const
  {
    return [heads](const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values)
    {
      return CanAttend(queries, heads) ? Attend(queries, keys, values, heads)
                                       : Network::AttendByLibTorch(queries, keys, values, heads);
    };
  }

  bool CpuKernels::MergesProjections() const
  {
    return true;
  }
}
