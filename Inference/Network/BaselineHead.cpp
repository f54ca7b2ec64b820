// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/BaselineHead.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/FoldBatchNorm.h"

namespace H3K27M::Network
{
  namespace
  {
    torch::nn::Conv2d MakeConvolution(std::int64_t inputs, std::int64_t outputs)
    {
      return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, 3).padding(1));
    }

    std::int64_t GetFeatureCount(const NetworkOptions& options)
    {
      const std::int64_t side = options.inputSize / 16;
      return options.width / 8 * side * side;
    }
  }

  BaselineHeadImpl::BaselineHeadImpl(const NetworkOptions& options) :
    conv1_(register_module("conv1", MakeConvolution(4 * options.width, options.width / 2))),
    bn1_(register_module("bn1", torch::nn::BatchNorm2d(options.width / 2))),
    conv2_(register_module("conv2", MakeConvolution(options.width / 2, options.width / 8))),
    bn2_(register_module("bn2", torch::nn::BatchNorm2d(options.width / 8))),
    cls_(register_module("cls", torch::nn::Linear(GetFeatureCount(options), GENOTYPE_CLASSES)))
  {
  }

  ClassOutput BaselineHeadImpl::forward(const torch::Tensor& deepest)
  {
    torch::Tensor x = Normalise(bn1_, conv1_(deepest)).relu_();
    x = Normalise(bn2_, conv2_(x)).relu_();
    const torch::Tensor feature = x.flatten(1);
    return {cls_(feature), feature};
  }

  void BaselineHeadImpl::Fold()
  {
    FoldBatchNorm(conv1_, bn1_);
    FoldBatchNorm(conv2_, bn2_);
  }
}
