// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/WeightsImport.h"

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/InputReference.h"

#include <cmath>
#include <memory>
#include <string_view>

namespace H3K27M::Weights
{
  namespace
  {
    using Network::NetworkOptions;
    using Network::Variant;

    constexpr const char* STEM = "model.encoder.init_layer.0.weight";
    constexpr const char* POSITIONS = "model.encoder.transformer_layers_8.position_embedding.position_embeddings";
    constexpr std::string_view BACKBONE_PREFIX = "model.";

    std::string ToPublishedName(const std::string& name)
    {
      if (name.starts_with("encoder.") || name.starts_with("transformer_layers_16."))
      {
        return std::string(BACKBONE_PREFIX) + name;
      }
      if (name.starts_with("cls."))
      {
        return "classifier." + name.substr(4);
      }
      return name;
    }

    // The pre-training network's state dict has no prefix.
    std::string ToNameInVariant(const std::string& name, Variant variant)
    {
      return variant == Variant::MaskedAutoencoder && name.starts_with(BACKBONE_PREFIX)
               ? name.substr(BACKBONE_PREFIX.size())
               : name;
    }

    bool IsFusionHead(const std::string& name)
    {
      return name.starts_with("decoder.cls_") || name.starts_with("decoder.channel_attention");
    }

    // Whether the variant has such a part; unknown names belong to all, so that loading refuses them.
    bool BelongsTo(const std::string& name, Variant variant)
    {
      if (IsFusionHead(name))
      {
        return variant == Variant::Fusion;
      }
      if (name.starts_with("classifier."))
      {
        return variant == Variant::Parallel || variant == Variant::Classification;
      }
      return !name.starts_with("decoder.") || variant != Variant::Classification;
    }

    std::shared_ptr<torch::nn::Module> MakeModule(const NetworkOptions& options)
    {
      if (options.variant == Variant::MaskedAutoencoder)
      {
        return Network::MaskedAutoencoder(options).ptr();
      }
      return Network::GenotypeNet(options).ptr();
    }

    // Refuses names that the variant would leave aside but that no other variant has either.
    void RefuseUnknown(const TensorMap& all, const NetworkOptions& options)
    {
      TensorMap known;
      for (const Variant variant : {Variant::Fusion, Variant::Parallel})
      {
        NetworkOptions other = options;
        other.variant = variant;
        const TensorMap state = TensorMap::FromModule(*MakeModule(other));
        for (const auto& [name, tensor] : state.GetAll())
        {
          known.Set(name, tensor);
        }
      }
      for (const auto& [name, tensor] : all.GetAll())
      {
        if (!known.Has(name))
        {
          throw Error(ErrorCode::BadInput, "The weights hold a tensor that no variant of the network has: " + name);
        }
      }
    }
  }

  WeightsImport::WeightsImport(const std::vector<std::filesystem::path>& files)
  {
    for (const std::filesystem::path& file : files)
    {
      const TensorMap map = TensorMap::Load(file);
      for (const auto& [name, tensor] : map.GetAll())
      {
        if (name.starts_with(InputReference::PREFIX))
        {
          continue;  // it is of the network, but no part of it
        }
        const std::string published = ToPublishedName(name);
        if (all_.Has(published) && !torch::equal(all_.Get(published), tensor))
        {
          throw Error(ErrorCode::BadInput, "Two files hold different values of the tensor " + name);
        }
        all_.Set(published, tensor);
      }
    }
  }

  Variant WeightsImport::DetectVariant() const
  {
    const bool isFusion = all_.Has("decoder.cls_cls.weight");
    const bool isBaseline = all_.Has("classifier.cls.weight");
    const bool hasDecoder = all_.Has("decoder.logistic2.weight");
    if (isFusion && isBaseline)
    {
      throw Error(ErrorCode::BadInput, "The weights hold both classification heads: name the variant that is meant");
    }
    if (isFusion)
    {
      return Variant::Fusion;
    }
    if (isBaseline)
    {
      return hasDecoder ? Variant::Parallel : Variant::Classification;
    }
    if (hasDecoder)
    {
      return Variant::MaskedAutoencoder;
    }
    throw Error(ErrorCode::BadInput,
                "The weights are of no known variant: neither decoder.cls_cls.weight nor classifier.cls.weight nor "
                "decoder.logistic2.weight is there");
  }

  NetworkOptions WeightsImport::DetectOptions(Variant variant) const
  {
    NetworkOptions options;
    options.variant = variant;
    for (const char* name : {STEM, POSITIONS})
    {
      if (!all_.Has(name))
      {
        throw Error(ErrorCode::BadInput, "The weights do not fit the network: missing: " + std::string(name));
      }
    }
    const torch::Tensor& stem = all_.Get(STEM);
    const torch::Tensor& positions = all_.Get(POSITIONS);
    if (stem.dim() != 4 || positions.dim() != 3)
    {
      throw Error(ErrorCode::BadInput,
                  "The weights do not fit the network: misshapen: " + std::string(STEM) + " or " + POSITIONS);
    }
    options.width = stem.size(0);
    options.inputSize = 8 * std::llround(std::sqrt(static_cast<double>(positions.size(1))));
    options.Check();
    return options;
  }

  TensorMap WeightsImport::Select(const NetworkOptions& options) const
  {
    RefuseUnknown(all_, options);
    TensorMap selected;
    for (const auto& [name, tensor] : all_.GetAll())
    {
      if (BelongsTo(name, options.variant))
      {
        selected.Set(ToNameInVariant(name, options.variant), tensor);
      }
    }
    selected.CopyInto(*MakeModule(options));
    return selected;
  }
}
