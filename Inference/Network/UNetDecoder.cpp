// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/UNetDecoder.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/FoldBatchNorm.h"
#include "Inference/Network/ThreeByThree.h"

namespace H3K27M::Network
{
  namespace
  {
    torch::nn::ConvTranspose2d MakeDoubling(std::int64_t inputs, std::int64_t outputs)
    {
      return torch::nn::ConvTranspose2d(
        torch::nn::ConvTranspose2dOptions(inputs, outputs, 3).stride(2).padding(1).output_padding(1));
    }

    torch::nn::BatchNorm2d MakeBatchNorm(std::int64_t channels)
    {
      return torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(channels).eps(DECODER_NORM_EPSILON));
    }

    torch::Tensor Double(const FusedConvolution& fused, torch::nn::ConvTranspose2d& convolution,
                         torch::nn::BatchNorm2d& norm, const torch::Tensor& x)
    {
      if (fused)
      {
        return fused(x, DECODER_LEAK, {});
      }
      torch::Tensor y = Normalise(norm, convolution(x));
      return torch::leaky_relu_(y, DECODER_LEAK);
    }
  }

  UpsampleImpl::UpsampleImpl(std::int64_t inputs, std::int64_t outputs) :
    conv_(register_module("conv", MakeDoubling(inputs, outputs))),
    bn_(register_module("bn", MakeBatchNorm(outputs)))
  {
  }

  torch::Tensor UpsampleImpl::forward(const torch::Tensor& x)
  {
    return Double(fused_, conv_, bn_, x);
  }

  void UpsampleImpl::Fold()
  {
    FoldBatchNorm(conv_, bn_);
  }

  void UpsampleImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fused_ = kernels.MakeTransposed(conv_);
  }

  BottleneckImpl::BottleneckImpl(std::int64_t channels) :
    first_{register_module("conv1", MakeThreeByThree(channels, channels / 2)),
           register_module("bn1", MakeBatchNorm(channels / 2))},
    second_{register_module("conv2", MakeThreeByThree(channels / 2, channels)),
            register_module("bn2", MakeBatchNorm(channels))}
  {
  }

  torch::Tensor BottleneckImpl::forward(const torch::Tensor& x)
  {
    return second_.Run(first_.Run(x, DECODER_LEAK), DECODER_LEAK, x);
  }

  void BottleneckImpl::Fold()
  {
    first_.Fold();
    second_.Fold();
  }

  void BottleneckImpl::UseKernels(const IInferenceKernels& kernels)
  {
    first_.UseKernels(kernels);
    second_.UseKernels(kernels);
  }

  UNetDecoderImpl::UNetDecoderImpl(const NetworkOptions& options, std::int64_t outputs) :
    up1_(register_module("up1", Upsample(4 * options.width, 2 * options.width))),
    conv1_(register_module("conv1", Bottleneck(4 * options.width))),
    up2_(register_module("up2", Upsample(4 * options.width, options.width))),
    conv2_(register_module("conv2", Bottleneck(2 * options.width))),
    logistic1_(register_module("logistic1", MakeDoubling(2 * options.width, options.width / 2))),
    bn_(register_module("bn", MakeBatchNorm(options.width / 2))),
    logistic2_(register_module("logistic2", MakeDoubling(options.width / 2, outputs)))
  {
  }

  DecodedMaps UNetDecoderImpl::Ascend(const FeaturePyramid& maps)
  {
    DecodedMaps decoded;
    decoded.eighth = torch::cat({up1_(maps.sixteenth), maps.eighth}, AXIS_CHANNEL);
    decoded.quarter = torch::cat({up2_(conv1_(decoded.eighth)), maps.quarter}, AXIS_CHANNEL);
    return decoded;
  }

  DecodedMaps UNetDecoderImpl::forward(const FeaturePyramid& maps)
  {
    DecodedMaps decoded = Ascend(maps);
    decoded.logits = logistic2_(Double(fusedLogistic_, logistic1_, bn_, conv2_(decoded.quarter)));
    return decoded;
  }

  void UNetDecoderImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fusedLogistic_ = kernels.MakeTransposed(logistic1_);
  }

  void UNetDecoderImpl::Fold()
  {
    up1_->Fold();
    conv1_->Fold();
    up2_->Fold();
    conv2_->Fold();
    FoldBatchNorm(logistic1_, bn_);
  }
}
