// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/ChannelAttention.h"

#include "Inference/Network/Axes.h"

#include <algorithm>

namespace H3K27M::Network
{
  ChannelAttentionImpl::ChannelAttentionImpl(std::int64_t channels)
  {
    const std::int64_t hidden = std::max<std::int64_t>(1, channels / 16);
    squeeze_ = torch::nn::Linear(torch::nn::LinearOptions(channels, hidden).bias(false));
    excite_ = torch::nn::Linear(torch::nn::LinearOptions(hidden, channels).bias(false));
    // The published Sequential counts its ReLU too, so the second layer is `fc.2`.
    register_module("fc", torch::nn::Sequential(squeeze_, torch::nn::ReLU(), excite_));
  }

  torch::Tensor ChannelAttentionImpl::Excite(const torch::Tensor& pooled)
  {
    return excite_(torch::relu(squeeze_(pooled)));
  }

  torch::Tensor ChannelAttentionImpl::forward(const torch::Tensor& map)
  {
    const torch::Tensor mean = map.mean({AXIS_ROW, AXIS_COLUMN});
    const torch::Tensor maximum = map.amax({AXIS_ROW, AXIS_COLUMN});
    const torch::Tensor weight = torch::sigmoid(Excite(mean) + Excite(maximum));
    return map * weight.unsqueeze(-1).unsqueeze(-1);
  }
}
