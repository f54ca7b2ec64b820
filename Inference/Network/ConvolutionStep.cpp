// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/ConvolutionStep.h"

#include "Inference/Network/FoldBatchNorm.h"
#include "Inference/Network/TrainedConvolution.h"

namespace H3K27M::Network
{
  ConvolutionStep::ConvolutionStep(torch::nn::Conv2d convolution, torch::nn::BatchNorm2d norm) :
    convolution_(std::move(convolution)),
    norm_(std::move(norm))
  {
  }

  torch::Tensor ConvolutionStep::Run(const torch::Tensor& x, double leak, const torch::Tensor& residual)
  {
    if (fused_)
    {
      return fused_(x, leak, residual);
    }
    torch::Tensor y = Normalise(norm_, Convolve(convolution_, x));
    if (residual.defined())
    {
      y.add_(residual);
    }
    return leak == 0 ? y.relu_() : torch::leaky_relu_(y, leak);
  }

  void ConvolutionStep::Fold()
  {
    FoldBatchNorm(convolution_, norm_);
  }

  void ConvolutionStep::UseKernels(const IInferenceKernels& kernels)
  {
    fused_ = kernels.MakeConvolution(convolution_);
  }
}
