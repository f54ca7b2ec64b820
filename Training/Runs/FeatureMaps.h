// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/SliceDataset.h"

#include <json/value.h>

#include <cstdint>
#include <filesystem>

namespace H3K27M::Runs
{
  // Where a fold keeps its maps.
  constexpr const char* FEATURE_MAPS_FILE = "feature-maps.json";

  // The paper's figure 3: the vectors that enter the last linear layer, of the slices that hold tumour by hand contour,
  // in a plane by t-SNE. One network makes one map, of slices that it has not seen: features of different networks have
  // no axes in common, so folds cannot be laid over each other.
  class FeatureMaps
  {
  public:
    static constexpr std::size_t MAX_SLICES = 300;  // evenly spread over the data when there are more

    // `model`: folder of one network. Throws what ModelPackage::Open throws.
    FeatureMaps(const std::filesystem::path& model, std::uint64_t seed);

    // {perplexity, slices, points: [[x, y, genotype], ...]}; null when there are too few slices for a map.
    Json::Value Make(const Data::SliceDataset& dataset) const;

  private:
    std::filesystem::path model_;
    std::uint64_t seed_;
  };
}
