// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/Reconstructions.h"

#include "Inference/Weights/TensorMap.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Trainers/MaskedBatchSampler.h"
#include "Training/Trainers/SliceImage.h"

#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t SLICES = 4;
  }

  void SaveReconstructions(const std::filesystem::path& path, Network::MaskedAutoencoder network,
                           const Data::SliceDataset& dataset, const std::string& whose, std::uint64_t seed)
  {
    const std::vector<std::size_t> slices = Trainers::PickEvenly(dataset.ListSlices(), SLICES);
    if (slices.empty())
    {
      return;
    }
    const torch::NoGradGuard noGradient;
    const torch::Tensor image = Trainers::MakeImages(dataset, slices);
    Weights::TensorMap tensors;
    tensors.Set("original", Trainers::ToIntensity(image));
    for (const int percent : {40, 60})
    {
      std::vector<torch::Tensor> masks;
      masks.reserve(static_cast<std::size_t>(image.size(0)));
      for (std::int64_t i = 0; i < image.size(0); i++)
      {
        masks.push_back(Trainers::DrawPatchMask(image.size(2), percent / 100.0, seed, static_cast<std::uint64_t>(i)));
      }
      const torch::Tensor masked = Trainers::MaskPatches(image, torch::cat(masks));
      tensors.Set("masked_" + std::to_string(percent), Trainers::ToIntensity(masked));
      tensors.Set("reconstructed_" + std::to_string(percent), Trainers::ToIntensity(network(masked)));
    }
    std::filesystem::create_directories(path.parent_path());
    tensors.Save(path, Weights::StoredPrecision::F32, {{RECONSTRUCTED_SLICES, whose}});
  }
}
