// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/ResNetEncoder.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/FoldBatchNorm.h"

namespace H3K27M::Network
{
  namespace
  {
    constexpr double RELU = 0;  // the slope below zero

    torch::nn::Conv2d MakeConvolution(std::int64_t inputs, std::int64_t outputs, std::int64_t side, std::int64_t stride)
    {
      torch::nn::Conv2d convolution(
        torch::nn::Conv2dOptions(inputs, outputs, side).stride(stride).padding(side / 2).bias(false));
      torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
      return convolution;
    }

    torch::Tensor Run(std::vector<BasicBlock>& blocks, torch::Tensor x)
    {
      for (BasicBlock& block : blocks)
      {
        x = block(x);
      }
      return x;
    }

    TransformerOptions MakeTransformerOptions(const NetworkOptions& options, std::int64_t divisor,
                                              std::int64_t features)
    {
      const std::int64_t side = options.inputSize / divisor;
      return {side * side, features, options.dropout};
    }
  }

  BasicBlockImpl::BasicBlockImpl(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) :
    first_{register_module("conv1", MakeConvolution(inputs, outputs, 3, stride)),
           register_module("bn1", torch::nn::BatchNorm2d(outputs))},
    second_{register_module("conv2", MakeConvolution(outputs, outputs, 3, 1)),
            register_module("bn2", torch::nn::BatchNorm2d(outputs))}
  {
    if (stride != 1 || inputs != outputs)
    {
      shortcut_ = MakeConvolution(inputs, outputs, 1, stride);
      shortcutNorm_ = torch::nn::BatchNorm2d(outputs);
      register_module("downsample", torch::nn::Sequential(shortcut_, shortcutNorm_));
    }
  }

  torch::Tensor BasicBlockImpl::forward(const torch::Tensor& x)
  {
    const torch::Tensor identity = shortcut_ ? Normalise(shortcutNorm_, shortcut_(x)) : x;
    return second_.Run(first_.Run(x, RELU), RELU, identity);
  }

  void BasicBlockImpl::Fold()
  {
    first_.Fold();
    second_.Fold();
    if (shortcut_)
    {
      FoldBatchNorm(shortcut_, shortcutNorm_);
    }
  }

  void BasicBlockImpl::UseKernels(const IInferenceKernels& kernels)
  {
    first_.UseKernels(kernels);
    second_.UseKernels(kernels);
  }

  ResNetEncoderImpl::ResNetEncoderImpl(const NetworkOptions& options)
  {
    const std::int64_t width = options.width;
    stem_ = MakeConvolution(IMAGE_CHANNELS, width, 7, 2);
    stemNorm_ = torch::nn::BatchNorm2d(width);
    register_module("init_layer", torch::nn::Sequential(stem_, stemNorm_));

    for (int block = 0; block < 4; block++)
    {
      quarter_.push_back(BasicBlock(width, width, 1));
    }
    register_module("layer1", torch::nn::ModuleList(torch::nn::ModuleList(quarter_[0], quarter_[1]),
                                                    torch::nn::ModuleList(quarter_[2], quarter_[3])));

    eighth_ = {BasicBlock(width, 2 * width, 2), BasicBlock(2 * width, 2 * width, 1)};
    register_module("layer2", torch::nn::Sequential(eighth_[0], eighth_[1]));

    sixteenth_ = {BasicBlock(2 * width, 4 * width, 2), BasicBlock(4 * width, 4 * width, 1)};
    register_module("layer3", torch::nn::Sequential(sixteenth_[0], sixteenth_[1]));

    transformer_ =
      register_module("transformer_layers_8", TransformerBlock(MakeTransformerOptions(options, 8, 2 * width)));
  }

  FeaturePyramid ResNetEncoderImpl::forward(const torch::Tensor& image)
  {
    FeaturePyramid maps;
    maps.quarter = Run(quarter_, RunStem(image));
    maps.eighth = transformer_(Run(eighth_, maps.quarter));
    maps.sixteenth = Run(sixteenth_, maps.eighth);
    return maps;
  }

  torch::Tensor ResNetEncoderImpl::RunStem(const torch::Tensor& image)
  {
    if (fusedStem_)
    {
      return fusedStem_(image);
    }
    return torch::max_pool2d(Normalise(stemNorm_, stem_(image)).relu_(), 3, 2, 1);
  }

  void ResNetEncoderImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fusedStem_ = kernels.MakeStem(stem_);
  }

  void ResNetEncoderImpl::Fold()
  {
    FoldBatchNorm(stem_, stemNorm_);
    for (auto* stage : {&quarter_, &eighth_, &sixteenth_})
    {
      for (BasicBlock& block : *stage)
      {
        block->Fold();
      }
    }
  }

  void ResNetEncoderImpl::SumStemChannels()
  {
    const torch::NoGradGuard noGrad;
    const auto dtype = stem_->weight.scalar_type();
    stem_->weight.set_data(stem_->weight.to(torch::kFloat64).sum(1, true).to(dtype));
    stem_->options.in_channels(1);
  }

  BackboneImpl::BackboneImpl(const NetworkOptions& options) :
    encoder_(register_module("encoder", ResNetEncoder(options))),
    transformer_(register_module("transformer_layers_16",
                                 TransformerBlock(MakeTransformerOptions(options, 16, 4 * options.width))))
  {
  }

  FeaturePyramid BackboneImpl::forward(const torch::Tensor& image)
  {
    FeaturePyramid maps = encoder_(image);
    maps.sixteenth = transformer_(maps.sixteenth);
    return maps;
  }

  void BackboneImpl::Fold()
  {
    encoder_->Fold();
  }

  void BackboneImpl::SumStemChannels()
  {
    encoder_->SumStemChannels();
  }
}
