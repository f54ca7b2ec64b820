// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/BaselineHead.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/FoldBatchNorm.h"
#include "Inference/Network/ThreeByThree.h"

namespace H3K27M::Network
{
  BaselineHeadImpl::BaselineHeadImpl(const NetworkOptions& options) :
    conv1_(register_module("conv1", MakeThreeByThree(4 * options.width, options.width / 2))),
    bn1_(register_module("bn1", torch::nn::BatchNorm2d(options.width / 2))),
    conv2_(register_module("conv2", MakeThreeByThree(options.width / 2, options.width / 8))),
    bn2_(register_module("bn2", torch::nn::BatchNorm2d(options.width / 8))),
    cls_(register_module("cls", torch::nn::Linear(GetClassFeatureCount(options), GENOTYPE_CLASSES)))
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
