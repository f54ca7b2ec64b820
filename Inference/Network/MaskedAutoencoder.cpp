// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/MaskedAutoencoder.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/ImageShape.h"

namespace H3K27M::Network
{
  namespace
  {
    NetworkOptions Checked(const NetworkOptions& options)
    {
      options.Check();
      return options;
    }
  }

  MaskedAutoencoderImpl::MaskedAutoencoderImpl(const NetworkOptions& options) :
    BackboneImpl(Checked(options)),
    inputSize_(options.inputSize),
    decoder_(register_module("decoder", UNetDecoder(options, IMAGE_CHANNELS)))
  {
  }

  torch::Tensor MaskedAutoencoderImpl::forward(const torch::Tensor& image)
  {
    CheckImageShape(image, IMAGE_CHANNELS, inputSize_);
    return decoder_(BackboneImpl::forward(image)).logits;
  }
}
