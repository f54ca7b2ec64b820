// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/Reconstructions.h"

#include "Inference/Network/Axes.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Trainers/MaskedBatchSampler.h"

#include <algorithm>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t SLICES = 4;

    // [n, 1, S, S], normalised: from the middle of as many equal parts of the data.
    torch::Tensor ChooseImages(const Data::SliceDataset& dataset)
    {
      const std::vector<Data::StoredSlice>& slices = dataset.GetSlices();
      const auto side = static_cast<std::int64_t>(dataset.GetInputSize());
      const std::size_t count = std::min(SLICES, slices.size());
      std::vector<torch::Tensor> images;
      for (std::size_t i = 0; i < count; i++)
      {
        const Data::StoredSlice& slice = slices[(2 * i + 1) * slices.size() / (2 * count)];
        torch::Tensor image = torch::empty({1, 1, side, side});
        std::transform(slice.image.begin(), slice.image.end(), image.data_ptr<float>(), [](std::uint8_t value)
        { return static_cast<float>((value / 255.0 - Network::INTENSITY_MEAN) / Network::INTENSITY_DEVIATION); });
        images.push_back(image);
      }
      return torch::cat(images);
    }

    torch::Tensor ToIntensity(const torch::Tensor& normalised)
    {
      return (normalised.mean(Network::AXIS_CHANNEL) * Network::INTENSITY_DEVIATION + Network::INTENSITY_MEAN)
        .clamp(0, 1)
        .contiguous();
    }
  }

  void SaveReconstructions(const std::filesystem::path& path, Network::MaskedAutoencoder network,
                           const Data::SliceDataset& dataset, std::uint64_t seed)
  {
    const torch::NoGradGuard noGradient;
    const torch::Tensor image = ChooseImages(dataset).expand({-1, Network::IMAGE_CHANNELS, -1, -1}).contiguous();
    Weights::TensorMap tensors;
    tensors.Set("original", ToIntensity(image));
    for (const int percent : {40, 60})
    {
      std::vector<torch::Tensor> masks;
      masks.reserve(static_cast<std::size_t>(image.size(0)));
      for (std::int64_t i = 0; i < image.size(0); i++)
      {
        masks.push_back(Trainers::DrawPatchMask(image.size(2), percent / 100.0, seed, static_cast<std::uint64_t>(i)));
      }
      const torch::Tensor masked = Trainers::MaskPatches(image, torch::cat(masks));
      tensors.Set("masked_" + std::to_string(percent), ToIntensity(masked));
      tensors.Set("reconstructed_" + std::to_string(percent), ToIntensity(network(masked)));
    }
    std::filesystem::create_directories(path.parent_path());
    tensors.Save(path, Weights::StoredPrecision::F32);
  }
}
