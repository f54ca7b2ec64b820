// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace H3K27M::Network
{
  // Architectures of the paper (section 2.5): models 1 and 2, 3 and 5, 4 and 6, and the pre-training network.
  enum class Variant
  {
    Classification,
    Parallel,
    Fusion,
    MaskedAutoencoder
  };

  // "classification", "parallel", "fusion", "mae": the values of --variant and of model cards.
  std::string_view ToString(Variant variant) noexcept;

  // Throws Error(BadInput) naming the four allowed values.
  Variant ParseVariant(std::string_view name);

  // True for the variants that answer the genotype (all but the autoencoder).
  bool HasClassification(Variant variant) noexcept;

  // True for the variants with a segmentation decoder.
  bool HasSegmentation(Variant variant) noexcept;

  struct NetworkOptions
  {
    Variant variant = Variant::Fusion;
    std::int64_t inputSize = 256;  // rows and columns of the input in pixels; a multiple of 16
    std::int64_t width = 64;       // channels at a quarter of the input size; a multiple of 8. Twice and four times
                                   // that at an eighth and a sixteenth
    double dropout = 0;            // in the transformers, while training

    // Throws Error(BadInput) when a value is out of its range.
    void Check() const;

    bool operator==(const NetworkOptions&) const = default;
  };

  // Of the vector that enters the last linear layer of either classification head: W/8 * (S/16)^2.
  std::int64_t GetClassFeatureCount(const NetworkOptions& options) noexcept;
}
