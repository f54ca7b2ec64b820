// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/NetworkOptions.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Network
{
  namespace
  {
    constexpr std::int64_t MAX_INPUT_SIZE = 1024;  // attention at an eighth: 16,384 tokens
    constexpr std::int64_t MAX_WIDTH = 512;
  }

  std::string_view ToString(Variant variant) noexcept
  {
    switch (variant)
    {
      case Variant::Classification:
        return "classification";
      case Variant::Parallel:
        return "parallel";
      case Variant::Fusion:
        return "fusion";
      case Variant::MaskedAutoencoder:
        return "mae";
    }
    return "";
  }

  Variant ParseVariant(std::string_view name)
  {
    for (const Variant variant :
         {Variant::Classification, Variant::Parallel, Variant::Fusion, Variant::MaskedAutoencoder})
    {
      if (ToString(variant) == name)
      {
        return variant;
      }
    }
    throw Error(ErrorCode::BadInput, "Unknown network variant '" + std::string(name) +
                                       "': it must be classification, parallel, fusion or mae");
  }

  bool HasClassification(Variant variant) noexcept
  {
    return variant != Variant::MaskedAutoencoder;
  }

  bool HasSegmentation(Variant variant) noexcept
  {
    return variant == Variant::Parallel || variant == Variant::Fusion;
  }

  void NetworkOptions::Check() const
  {
    if (inputSize < 16 || inputSize > MAX_INPUT_SIZE || inputSize % 16 != 0)
    {
      throw Error(ErrorCode::BadInput, "The network's input size must be a multiple of 16 from 16 to " +
                                         std::to_string(MAX_INPUT_SIZE) + ", not " + std::to_string(inputSize));
    }
    if (width < 8 || width > MAX_WIDTH || width % 8 != 0)
    {
      throw Error(ErrorCode::BadInput, "The network's width must be a multiple of 8 from 8 to " +
                                         std::to_string(MAX_WIDTH) + ", not " + std::to_string(width));
    }
    if (!(dropout >= 0 && dropout < 1))
    {
      throw Error(ErrorCode::BadInput,
                  "The dropout probability must be at least 0 and below 1, not " + std::to_string(dropout));
    }
  }

  std::int64_t GetClassFeatureCount(const NetworkOptions& options) noexcept
  {
    const std::int64_t side = options.inputSize / 16;
    return options.width / 8 * side * side;
  }
}
