// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/ChannelAttention.h"
#include "Inference/Network/ClassHead.h"
#include "Inference/Network/NetworkOptions.h"
#include "Inference/Network/UNetDecoder.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // Classification from three depths (paper, figure 1, "feature fusion"; models 4 and 6): channel attention on the
  // deepest map and on what enters the decoder's two bottlenecks, each brought to W/2 channels at a sixteenth,
  // concatenated, BN, ReLU, a convolution to W/8 channels, flattened, one linear layer.
  //
  // In the published state dict these layers stand inside the decoder (`decoder.cls_conv1`, ...), so the head is no
  // module of its own: it registers its layers in the decoder that it is given and lives as long as that.
  class FusionHead
  {
  public:
    FusionHead(UNetDecoderImpl& decoder, const NetworkOptions& options);

    // `deepest` [slice, 4W, S/16, S/16] and the decoder's maps.
    ClassOutput Forward(const torch::Tensor& deepest, const DecodedMaps& decoded);

    void Fold();

  private:
    ChannelAttention deepestAttention_;
    ChannelAttention eighthAttention_;
    ChannelAttention quarterAttention_;
    torch::nn::Conv2d deepestConv_;
    torch::nn::Conv2d eighthConv_;
    torch::nn::Conv2d quarterConv_;
    torch::nn::Conv2d quarterSecondConv_;
    torch::nn::BatchNorm2d bn1_;
    torch::nn::Conv2d conv2_;
    torch::nn::BatchNorm2d bn2_;
    torch::nn::Linear cls_;
  };
}
