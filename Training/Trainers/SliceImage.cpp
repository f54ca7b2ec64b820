// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/SliceImage.h"

#include "Inference/Network/Axes.h"
#include "Inference/Preprocess/Normalisation.h"

#include <algorithm>

namespace H3K27M::Trainers
{
  std::vector<std::size_t> PickEvenly(const std::vector<std::size_t>& indices, std::size_t limit)
  {
    const std::size_t count = std::min(limit, indices.size());
    std::vector<std::size_t> picked;
    picked.reserve(count);
    for (std::size_t i = 0; i < count; i++)
    {
      picked.push_back(indices[(2 * i + 1) * indices.size() / (2 * count)]);
    }
    return picked;
  }

  torch::Tensor MakeImages(const Data::SliceDataset& dataset, const std::vector<std::size_t>& indices)
  {
    const auto count = static_cast<std::int64_t>(indices.size());
    const auto side = static_cast<std::int64_t>(dataset.GetInputSize());
    const torch::Tensor images = torch::empty({count, 1, side, side});
    float* out = images.data_ptr<float>();
    for (const std::size_t index : indices)
    {
      const Data::StoredSlice& slice = dataset.GetSlices()[index];
      out = std::transform(slice.image.begin(), slice.image.end(), out, [](std::uint8_t value)
      { return static_cast<float>((value / 255.0 - Preprocess::INTENSITY_MEAN) / Preprocess::INTENSITY_DEVIATION); });
    }
    return images.expand({-1, Network::IMAGE_CHANNELS, -1, -1}).contiguous();
  }

  torch::Tensor ToIntensity(const torch::Tensor& normalised)
  {
    return (normalised.mean(Network::AXIS_CHANNEL) * Preprocess::INTENSITY_DEVIATION + Preprocess::INTENSITY_MEAN)
      .clamp(0, 1)
      .contiguous();
  }
}
