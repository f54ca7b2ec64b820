// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // A weight in 0..1 for each channel, times the map (upstream `channel_attention1|2|3`). The weight is the sigmoid of
  // the sum of what two linear layers without bias (channels -> channels / 16 -> channels, ReLU between) make of the
  // channels' means and of their maxima (Woo et al. 2018, "CBAM", channel part).
  // [slice, channel, row, column] -> the same.
  class ChannelAttentionImpl : public torch::nn::Module
  {
  public:
    explicit ChannelAttentionImpl(std::int64_t channels);

    torch::Tensor forward(const torch::Tensor& map);

  private:
    torch::Tensor Excite(const torch::Tensor& pooled);

    torch::nn::Linear squeeze_{nullptr};
    torch::nn::Linear excite_{nullptr};
  };
  TORCH_MODULE(ChannelAttention);
}
