// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

#include <functional>

namespace H3K27M::Network
{
  // y = convolution(x) + bias + residual; y where it is positive, else leak * y (0: ReLU). `residual`: as the result,
  // or undefined. Records no gradient.
  using FusedConvolution =
    std::function<torch::Tensor(const torch::Tensor& x, double leak, const torch::Tensor& residual)>;

  // Convolution, ReLU and 3x3 maximum with stride 2: [slice, 1, S, S] -> [slice, W, S/4, S/4]. Records no gradient.
  using FusedStem = std::function<torch::Tensor(const torch::Tensor& image)>;

  // Tokens [slice, token, feature] and what their layer norm makes of them.
  struct NormalisedSum
  {
    torch::Tensor sum;
    torch::Tensor normalised;
  };

  // Of tokens + addend; `addend` undefined: of the tokens. Records no gradient.
  using FusedNorm = std::function<NormalisedSum(const torch::Tensor& tokens, const torch::Tensor& addend)>;

  // Scaled dot-product attention of queries, keys and values [slice, token, head * feature of the head] -> the same.
  // Records no gradient.
  using FusedAttention =
    std::function<torch::Tensor(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values)>;

  // The same by LibTorch, which records a gradient; `dropout`: of the weights.
  torch::Tensor AttendByLibTorch(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values,
                                 std::int64_t heads, double dropout = 0);

  // The steps that a device computes in a way of its own, once nothing is trained any more. Where a function is empty
  // LibTorch's operators stay. They share the modules that they are made of, whose weights must stay as they are.
  class IInferenceKernels
  {
  public:
    virtual ~IInferenceKernels() = default;

    virtual FusedConvolution MakeConvolution(const torch::nn::Conv2d& convolution) const = 0;
    virtual FusedConvolution MakeTransposed(const torch::nn::ConvTranspose2d& convolution) const = 0;
    virtual FusedStem MakeStem(const torch::nn::Conv2d& convolution) const = 0;
    virtual FusedNorm MakeNorm(const torch::nn::LayerNorm& norm) const = 0;
    virtual FusedAttention MakeAttention(std::int64_t heads) const = 0;

    // Whether queries, keys and values are better computed by one product of matrices.
    virtual bool MergesProjections() const = 0;
  };

  // After GenotypeNet::PrepareForInference(), with the network on its device. Not for training.
  void UseKernels(torch::nn::Module& network, const IInferenceKernels& kernels);
}
