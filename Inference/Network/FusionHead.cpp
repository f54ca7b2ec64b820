// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/FusionHead.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/FoldBatchNorm.h"
#include "Inference/Network/ThreeByThree.h"

namespace H3K27M::Network
{
  FusionHead::FusionHead(UNetDecoderImpl& decoder, const NetworkOptions& options) :
    deepestAttention_(decoder.register_module("channel_attention1", ChannelAttention(4 * options.width))),
    eighthAttention_(decoder.register_module("channel_attention2", ChannelAttention(4 * options.width))),
    quarterAttention_(decoder.register_module("channel_attention3", ChannelAttention(2 * options.width))),
    deepestConv_(decoder.register_module("cls_conv1", MakeThreeByThree(4 * options.width, options.width / 2, 1))),
    eighthConv_(decoder.register_module("cls_conv1_2", MakeThreeByThree(4 * options.width, options.width / 2, 2))),
    quarterConv_(decoder.register_module("cls_conv1_3", MakeThreeByThree(2 * options.width, options.width / 2, 2))),
    quarterSecondConv_(
      decoder.register_module("cls_conv1_4", MakeThreeByThree(options.width / 2, options.width / 2, 2))),
    bn1_(decoder.register_module("cls_bn1", torch::nn::BatchNorm2d(3 * (options.width / 2)))),
    conv2_(decoder.register_module("cls_conv2", MakeThreeByThree(3 * (options.width / 2), options.width / 8, 1))),
    bn2_(decoder.register_module("cls_bn2", torch::nn::BatchNorm2d(options.width / 8))),
    cls_(decoder.register_module("cls_cls", torch::nn::Linear(GetClassFeatureCount(options), GENOTYPE_CLASSES)))
  {
  }

  ClassOutput FusionHead::Forward(const torch::Tensor& deepest, const DecodedMaps& decoded)
  {
    const torch::Tensor fromDeepest = deepestConv_(deepestAttention_(deepest));
    const torch::Tensor fromEighth = eighthConv_(eighthAttention_(decoded.eighth));
    const torch::Tensor fromQuarter = quarterSecondConv_(quarterConv_(quarterAttention_(decoded.quarter)));
    torch::Tensor x = torch::cat({fromDeepest, fromEighth, fromQuarter}, AXIS_CHANNEL);
    x = Normalise(bn1_, x).relu_();
    x = Normalise(bn2_, conv2_(x)).relu_();
    const torch::Tensor feature = x.flatten(1);
    return {cls_(feature), feature};
  }

  void FusionHead::Fold()
  {
    const std::int64_t channels = deepestConv_->weight.size(0);
    FoldBatchNormPart(deepestConv_, bn1_, 0);
    FoldBatchNormPart(eighthConv_, bn1_, channels);
    FoldBatchNormPart(quarterSecondConv_, bn1_, 2 * channels);
    bn1_ = nullptr;
    FoldBatchNorm(conv2_, bn2_);
  }
}
