// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/BaselineHead.h"
#include "Inference/Network/FusionHead.h"
#include "Inference/Network/NetworkOptions.h"
#include "Inference/Network/ResNetEncoder.h"
#include "Inference/Network/UNetDecoder.h"

#include <torch/torch.h>

#include <optional>

namespace H3K27M::Network
{
  // For N slices of S x S pixels, all float:
  struct GenotypeOutput
  {
    torch::Tensor cls_logits;  // [N, 2]: altered, wild type
    torch::Tensor seg_logits;  // [N, 3, S, S]: background, tumour altered, tumour wild type; undefined for the variant
                               // `classification`
    torch::Tensor feature;     // [N, W/8 * (S/16)^2]: enters the last linear layer
    torch::Tensor signature;   // [N, 4W]: the deepest map's mean over the image, see Weights/InputReference.h
  };

  // How the class depends on the finest map that its head sees: of the decoder [N, 2W, S/4, S/4] (fusion), else of the
  // encoder [N, 4W, S/16, S/16]. Both of the network's type and on its device.
  struct ClassGradient
  {
    torch::Tensor map;
    torch::Tensor gradient;  // of the logit altered minus the logit wild type, to `map`
  };

  // The paper's network in its three architectures (Huang et al., Cancer Medicine 2023, section 2.5 and figure 1).
  // Parameters and buffers carry the names of the authors' published state dicts.
  // Not thread-safe: one caller at a time.
  class GenotypeNetImpl : public torch::nn::Module
  {
  public:
    // Throws Error(BadInput) when the options are out of range or name the autoencoder.
    explicit GenotypeNetImpl(const NetworkOptions& options);

    // [N, 3, S, S] float, normalised as Preprocess/Normalisation.h says; after PrepareForInference() also [N, 1, S, S].
    // Throws Error(BadInput) when the shape is another.
    GenotypeOutput forward(const torch::Tensor& image);

    // The signature alone, for the price of the encoder. `image` as forward() takes it.
    torch::Tensor ComputeSignature(const torch::Tensor& image);

    // `image` as forward() takes it. Gradients are recorded from the map to the logits alone, so the cost is that of a
    // forward pass without segmentation and of the head's backward pass. The parameters' own gradients stay as they
    // are. Not within c10::InferenceMode.
    ClassGradient DifferentiateClass(const torch::Tensor& image);

    // Rewrites the weights for inference: eval mode, batch norms folded into the convolutions, the stem summed to one
    // channel (give forward() one channel from here on). Outputs change by float32 rounding only. Not reversible: the
    // published names are gone. Module::to() passes over the biases that folding made: from here on MoveTo() moves.
    void PrepareForInference();

    // All that forward() reads, also after PrepareForInference().
    void MoveTo(torch::Device device, torch::ScalarType dtype);

    const NetworkOptions& GetOptions() const noexcept
    {
      return options_;
    }

  private:
    NetworkOptions options_;
    std::int64_t imageChannels_;  // that forward() takes: 3, or 1 after PrepareForInference()
    Backbone backbone_{nullptr};
    UNetDecoder decoder_{nullptr};
    BaselineHead baselineHead_{nullptr};
    std::optional<FusionHead> fusionHead_;
  };
  TORCH_MODULE(GenotypeNet);
}
