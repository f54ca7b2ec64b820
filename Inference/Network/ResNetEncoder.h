// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/ConvolutionStep.h"
#include "Inference/Network/NetworkOptions.h"
#include "Inference/Network/TransformerBlock.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // Feature maps at a quarter, an eighth and a sixteenth of the input size S, with width W:
  // [slice, W, S/4, S/4], [slice, 2W, S/8, S/8], [slice, 4W, S/16, S/16]; the two deeper ones after their transformers.
  struct FeaturePyramid
  {
    torch::Tensor quarter;
    torch::Tensor eighth;
    torch::Tensor sixteenth;
  };

  // Two 3x3 convolutions with a residual connection (He et al. 2016, "basic block"). stride 2 halves the map; then, or
  // when the channel count changes, the shortcut is a 1x1 convolution.
  class BasicBlockImpl : public torch::nn::Module
  {
  public:
    BasicBlockImpl(std::int64_t inputs, std::int64_t outputs, std::int64_t stride);

    torch::Tensor forward(const torch::Tensor& x);

    // See FoldBatchNorm.h.
    void Fold();

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    ConvolutionStep first_;
    ConvolutionStep second_;
    torch::nn::Conv2d shortcut_{nullptr};
    torch::nn::BatchNorm2d shortcutNorm_{nullptr};
  };
  TORCH_MODULE(BasicBlock);

  // Stem and residual stages down to an eighth with the transformer there, and the last stage (upstream `encoder`).
  class ResNetEncoderImpl : public torch::nn::Module
  {
  public:
    explicit ResNetEncoderImpl(const NetworkOptions& options);

    // [slice, 3 or 1, S, S] -> maps; `sixteenth` is still without its transformer. One channel is accepted after
    // SumStemChannels() only.
    FeaturePyramid forward(const torch::Tensor& image);

    void Fold();

    // Makes the stem take one channel instead of three equal ones, which gives the same sums for a third of the work.
    void SumStemChannels();

    // The stem: see InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    torch::Tensor RunStem(const torch::Tensor& image);

    torch::nn::Conv2d stem_{nullptr};
    torch::nn::BatchNorm2d stemNorm_{nullptr};
    std::vector<BasicBlock> quarter_;
    std::vector<BasicBlock> eighth_;
    std::vector<BasicBlock> sixteenth_;
    TransformerBlock transformer_{nullptr};
    FusedStem fusedStem_;
  };
  TORCH_MODULE(ResNetEncoder);

  // Encoder and the transformer at a sixteenth (upstream `model`).
  class BackboneImpl : public torch::nn::Module
  {
  public:
    explicit BackboneImpl(const NetworkOptions& options);

    // [slice, 3, S, S] normalised intensities -> FeaturePyramid.
    FeaturePyramid forward(const torch::Tensor& image);

    void Fold();
    void SumStemChannels();

  private:
    ResNetEncoder encoder_;
    TransformerBlock transformer_;
  };
  TORCH_MODULE(Backbone);
}
