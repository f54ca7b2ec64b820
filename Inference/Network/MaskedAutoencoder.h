// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Network/ResNetEncoder.h"
#include "Inference/Network/UNetDecoder.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  // The pre-training network (paper, section 2.3): the backbone under a decoder whose outputs are the three image
  // channels. Its state dict is the backbone's without the prefix `model.`, and `decoder.*`.
  // Not thread-safe: one caller at a time.
  class MaskedAutoencoderImpl : public BackboneImpl
  {
  public:
    // Throws Error(BadInput) when the options are out of range; their variant is not looked at.
    explicit MaskedAutoencoderImpl(const NetworkOptions& options);

    // [N, 3, S, S] float with masked patches at the normalised value of zero intensity -> reconstruction of the same
    // shape, normalised. Throws Error(BadInput) when the shape is another.
    // NOLINTNEXTLINE(bugprone-derived-method-shadowing-base-method): each module has its own forward()
    torch::Tensor forward(const torch::Tensor& image);

  private:
    std::int64_t inputSize_;
    UNetDecoder decoder_{nullptr};
  };
  TORCH_MODULE(MaskedAutoencoder);
}
