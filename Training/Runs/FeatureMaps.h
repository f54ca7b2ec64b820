// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Training/Data/SliceDataset.h"

#include <json/value.h>

#include <cstdint>

namespace H3K27M::Runs
{
  constexpr std::size_t MAX_MAP_SLICES = 300;  // evenly spread over the data when there are more

  // The paper's figure 3: the vectors that enter the last linear layer, of the slices that hold tumour by hand contour,
  // in a plane by t-SNE: {perplexity, slices, points: [[x, y, genotype], ...]}; null when there are too few slices for
  // a map. One network makes one map, of slices that it has not seen: features of different networks have no axes in
  // common, so folds cannot be laid over each other. Computed where the network is, which is set to eval mode.
  Json::Value MakeFeatureMap(Network::GenotypeNet network, const Data::SliceDataset& dataset, std::uint64_t seed);
}
