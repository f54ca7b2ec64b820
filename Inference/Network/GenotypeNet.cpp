// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/ImageShape.h"
#include "Inference/Protocol/Error.h"

namespace H3K27M::Network
{
  namespace
  {
    // In float32 also where the network computes in half precision: 256 sums of 256 values each lose too much there.
    torch::Tensor AverageOverImage(const torch::Tensor& map)
    {
      return map.mean({2, 3}, false, torch::kFloat32);
    }

    template <typename Convolution>
    void MoveBias(torch::nn::Module& part, torch::Device device, torch::ScalarType dtype)
    {
      auto* const convolution = part.as<Convolution>();
      if (convolution != nullptr && convolution->bias.defined())
      {
        convolution->bias.set_data(convolution->bias.to(device, dtype));
      }
    }
  }

  GenotypeNetImpl::GenotypeNetImpl(const NetworkOptions& options) :
    options_(options),
    imageChannels_(IMAGE_CHANNELS)
  {
    options.Check();
    if (!HasClassification(options.variant))
    {
      throw Error(ErrorCode::BadInput, "The variant 'mae' has no genotype: it is for pre-training only");
    }
    backbone_ = register_module("model", Backbone(options));
    if (HasSegmentation(options.variant))
    {
      decoder_ = register_module("decoder", UNetDecoder(options, SEGMENTATION_CLASSES));
    }
    if (options.variant == Variant::Fusion)
    {
      fusionHead_.emplace(*decoder_, options);
    }
    else
    {
      baselineHead_ = register_module("classifier", BaselineHead(options));
    }
  }

  GenotypeOutput GenotypeNetImpl::forward(const torch::Tensor& image)
  {
    CheckImageShape(image, imageChannels_, options_.inputSize);
    const FeaturePyramid maps = backbone_(image);
    GenotypeOutput output;
    DecodedMaps decoded;
    if (decoder_)
    {
      decoded = decoder_(maps);
      output.seg_logits = decoded.logits;
    }
    const ClassOutput classes =
      fusionHead_ ? fusionHead_->Forward(maps.sixteenth, decoded) : baselineHead_(maps.sixteenth);
    output.cls_logits = classes.logits;
    output.feature = classes.feature;
    output.signature = AverageOverImage(maps.sixteenth);
    return output;
  }

  torch::Tensor GenotypeNetImpl::ComputeSignature(const torch::Tensor& image)
  {
    CheckImageShape(image, imageChannels_, options_.inputSize);
    return AverageOverImage(backbone_(image).sixteenth);
  }

  ClassGradient GenotypeNetImpl::DifferentiateClass(const torch::Tensor& image)
  {
    CheckImageShape(image, imageChannels_, options_.inputSize);
    FeaturePyramid maps;
    DecodedMaps decoded;
    {
      const torch::NoGradGuard noGrad;
      maps = backbone_(image);
      if (fusionHead_)
      {
        decoded = decoder_->Ascend(maps);
      }
    }
    const torch::AutoGradMode withGradient(true);
    torch::Tensor& map = fusionHead_ ? decoded.quarter : maps.sixteenth;
    map.requires_grad_(true);
    const torch::Tensor logits =
      (fusionHead_ ? fusionHead_->Forward(maps.sixteenth, decoded) : baselineHead_(maps.sixteenth)).logits;
    const torch::Tensor score = logits.select(1, GENOTYPE_ALTERED) - logits.select(1, GENOTYPE_WILD_TYPE);
    return {map.detach(), torch::autograd::grad({score.sum()}, {map})[0]};
  }

  void GenotypeNetImpl::PrepareForInference()
  {
    eval();
    if (imageChannels_ == 1)
    {
      return;
    }
    backbone_->Fold();
    if (decoder_)
    {
      decoder_->Fold();
    }
    if (fusionHead_)
    {
      fusionHead_->Fold();
    }
    if (baselineHead_)
    {
      baselineHead_->Fold();
    }
    backbone_->SumStemChannels();
    imageChannels_ = 1;
  }

  void GenotypeNetImpl::MoveTo(torch::Device device, torch::ScalarType dtype)
  {
    to(device, dtype);
    for (const auto& part : modules())
    {
      MoveBias<torch::nn::Conv2dImpl>(*part, device, dtype);
      MoveBias<torch::nn::ConvTranspose2dImpl>(*part, device, dtype);
    }
  }
}
