// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // convolution(x), with its gradient. Within a MinimalFilteringScope, in float32 on the CPU, 3x3 convolutions with
  // stride 1 that are trained, and their gradients, are computed by minimal filtering (WinogradConvolution.h); all
  // others by LibTorch. Forward and backward of 64 to 256 channels took 44 to 93 ms for 8 maps on two threads of an AMD
  // EPYC, with LibTorch's own 109 to 258, and a training step four fifths. Rounding errors are up to twice as large in
  // results and in the gradients of maps, and smaller in those of weights.
  torch::Tensor Convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x);
}
