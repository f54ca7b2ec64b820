// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/FeatureMaps.h"

#include "Training/Evaluation/NeighbourEmbedding.h"
#include "Training/Trainers/SliceImage.h"

#include <algorithm>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t MAPS_AT_ONCE = 8;

    torch::Tensor ComputeFeatures(Network::GenotypeNet network, const Data::SliceDataset& dataset,
                                  const std::vector<std::size_t>& slices)
    {
      const torch::NoGradGuard noGradient;
      const torch::Device device = network->parameters().front().device();
      std::vector<torch::Tensor> features;
      features.reserve(slices.size() / MAPS_AT_ONCE + 1);
      for (std::size_t i = 0; i < slices.size(); i += MAPS_AT_ONCE)
      {
        const auto begin = slices.begin() + static_cast<std::ptrdiff_t>(i);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(MAPS_AT_ONCE, slices.size() - i));
        features.push_back(network(Trainers::MakeImages(dataset, {begin, end}).to(device)).feature.cpu());
      }
      return torch::cat(features);
    }
  }

  Json::Value MakeFeatureMap(Network::GenotypeNet network, const Data::SliceDataset& dataset, std::uint64_t seed)
  {
    const std::vector<std::size_t> slices = Trainers::PickEvenly(dataset.ListTumourSlices(), MAX_MAP_SLICES);
    const auto count = static_cast<std::int64_t>(slices.size());
    if (count < Evaluation::NeighbourEmbedding::MIN_POINTS)
    {
      return {};
    }
    network->eval();
    Evaluation::NeighbourEmbedding embedding;
    embedding.seed = seed;
    const torch::Tensor positions = embedding.Embed(ComputeFeatures(network, dataset, slices));
    const auto at = positions.accessor<double, 2>();
    Json::Value map;
    map["perplexity"] = embedding.GetPerplexity(count);
    map["slices"] = Json::Int64{count};
    for (std::int64_t i = 0; i < count; i++)
    {
      Json::Value point;
      point.append(at[i][0]);
      point.append(at[i][1]);
      point.append(Json::Int64{dataset.GetSlices()[slices[static_cast<std::size_t>(i)]].genotype});
      map["points"].append(point);
    }
    return map;
  }
}
