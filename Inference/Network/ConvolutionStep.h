// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/InferenceKernels.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // A convolution, the batch norm after it, what is added then, and the activation: the step that encoder and decoder
  // mostly consist of, in the fastest way that network and device allow. The modules are shared with whoever registered
  // them under their published names.
  class ConvolutionStep
  {
  public:
    // With braces, where the two are registered in its arguments: their order is then that of the parameters.
    ConvolutionStep(torch::nn::Conv2d convolution, torch::nn::BatchNorm2d norm);

    // y = norm(convolution(x)) + residual; y where it is positive, else leak * y (0: ReLU). `residual`: as the result,
    // or undefined.
    torch::Tensor Run(const torch::Tensor& x, double leak, const torch::Tensor& residual = {});

    // See FoldBatchNorm.h.
    void Fold();

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    torch::nn::Conv2d convolution_;
    torch::nn::BatchNorm2d norm_;
    FusedConvolution fused_;
  };
}
