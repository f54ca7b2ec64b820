// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // Folding of batch normalisation into the convolution before it, for inference: the running statistics become part
  // of the weights and one pass over the feature map is saved. Computed in float64, so the result differs from the
  // unfolded network by float32 rounding only. Afterwards `norm` is empty and the module's forward skips it.
  // A network that was folded can no longer be trained or saved under the published names.
  void FoldBatchNorm(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& norm);
  void FoldBatchNorm(torch::nn::ConvTranspose2d& convolution, torch::nn::BatchNorm2d& norm);

  // The part of `norm` that acts on the channels from `firstChannel` on, as many as `convolution` makes; `norm` stays.
  void FoldBatchNormPart(torch::nn::Conv2d& convolution, const torch::nn::BatchNorm2d& norm, std::int64_t firstChannel);

  // norm(x), or x when `norm` was folded away; in training by the rule of BatchNormScope.h where there is one.
  torch::Tensor Normalise(torch::nn::BatchNorm2d& norm, const torch::Tensor& x);
}
