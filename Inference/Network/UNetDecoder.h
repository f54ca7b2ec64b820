// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/ConvolutionStep.h"
#include "Inference/Network/NetworkOptions.h"
#include "Inference/Network/ResNetEncoder.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // What the decoder made on its way up. The two maps are those that enter the bottlenecks: up-sampled features and the
  // encoder's, concatenated in this order.
  struct DecodedMaps
  {
    torch::Tensor eighth;   // [slice, 4W, S/8, S/8]
    torch::Tensor quarter;  // [slice, 2W, S/4, S/4]
    torch::Tensor logits;   // [slice, outputs, S, S]
  };

  // Unlike those of encoder and heads, the batch norms of the decoder do not have PyTorch's default epsilon of 1e-5.
  constexpr double DECODER_NORM_EPSILON = 1e-3;

  // The decoder's activation is the leaky ReLU with this slope below zero.
  constexpr double DECODER_LEAK = 0.01;

  // Transposed 3x3 convolution that doubles the map, then BN and leaky ReLU (upstream `up1`, `up2`).
  class UpsampleImpl : public torch::nn::Module
  {
  public:
    UpsampleImpl(std::int64_t inputs, std::int64_t outputs);

    torch::Tensor forward(const torch::Tensor& x);

    void Fold();

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    torch::nn::ConvTranspose2d conv_;
    torch::nn::BatchNorm2d bn_;
    FusedConvolution fused_;
  };
  TORCH_MODULE(Upsample);

  // Residual bottleneck of two 3x3 convolutions, channels -> channels / 2 -> channels (upstream `conv1`, `conv2`).
  class BottleneckImpl : public torch::nn::Module
  {
  public:
    explicit BottleneckImpl(std::int64_t channels);

    torch::Tensor forward(const torch::Tensor& x);

    void Fold();

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    ConvolutionStep first_;
    ConvolutionStep second_;
  };
  TORCH_MODULE(Bottleneck);

  // From a sixteenth back to the input size: two stages of up-sampling, concatenation with the encoder's map and a
  // residual bottleneck, then two transposed convolutions (paper, figure 1; upstream `decoder`).
  class UNetDecoderImpl : public torch::nn::Module
  {
  public:
    // `outputs`: segmentation classes, or image channels in pre-training.
    UNetDecoderImpl(const NetworkOptions& options, std::int64_t outputs);

    DecodedMaps forward(const FeaturePyramid& maps);

    // The maps that the class depends on, without the logits.
    DecodedMaps Ascend(const FeaturePyramid& maps);

    void Fold();

    // The first transposed convolution of the logits: see InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    Upsample up1_;
    Bottleneck conv1_;
    Upsample up2_;
    Bottleneck conv2_;
    torch::nn::ConvTranspose2d logistic1_;
    torch::nn::BatchNorm2d bn_;
    torch::nn::ConvTranspose2d logistic2_;
    FusedConvolution fusedLogistic_;
  };
  TORCH_MODULE(UNetDecoder);
}
