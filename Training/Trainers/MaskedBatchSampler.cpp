// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/MaskedBatchSampler.h"

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Protocol/Error.h"
#include "Training/Objectives/MaskedReconstruction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr std::uint64_t PATCH_STREAM = 0x6d61736bULL;  // apart from what is drawn for slices and their augmentation
  }

  torch::Tensor MaskPatches(const torch::Tensor& image, const torch::Tensor& patchMask)
  {
    constexpr double ZERO = -Preprocess::INTENSITY_MEAN / Preprocess::INTENSITY_DEVIATION;
    const torch::Tensor mask = Objectives::ExpandPatchMask(patchMask.to(image.scalar_type()), image.size(2));
    return image * (1 - mask) + mask * ZERO;
  }

  torch::Tensor DrawPatchMask(std::int64_t size, double ratio, std::uint64_t seed, std::uint64_t step)
  {
    const std::int64_t side = size / Network::PATCH_SIDE;
    const std::int64_t patches = side * side;
    const std::int64_t masked = std::clamp<std::int64_t>(std::llround(ratio * static_cast<double>(patches)), 1,
                                                         std::max<std::int64_t>(1, patches - 1));
    std::vector<std::int64_t> order(static_cast<std::size_t>(patches));
    std::iota(order.begin(), order.end(), 0);
    Phantom::RandomSource random(seed ^ PATCH_STREAM, step);
    torch::Tensor mask = torch::zeros({1, patches});
    float* const values = mask.data_ptr<float>();
    for (std::int64_t i = 0; i < masked; i++)
    {
      const auto other = static_cast<std::size_t>(i) + random.Index(static_cast<unsigned int>(patches - i));
      std::swap(order[static_cast<std::size_t>(i)], order[other]);
      values[order[static_cast<std::size_t>(i)]] = 1;
    }
    return mask;
  }

  MaskedBatchSampler::MaskedBatchSampler(const Data::SliceDataset& dataset, const MaskedBatchOptions& options) :
    dataset_(dataset),
    options_(options),
    slices_(dataset.ListSlices())
  {
    if (slices_.empty())
    {
      throw Error(ErrorCode::BadInput, "The data hold no slice to pre-train on");
    }
    if (options.batchSize == 0 || !(options.maskRatio > 0 && options.maskRatio < 1))
    {
      throw Error(ErrorCode::BadInput, "The batch must hold a slice, and the masked share lie between 0 and 1");
    }
  }

  DrawnImages MaskedBatchSampler::DrawSlices(std::size_t step) const
  {
    const auto side = static_cast<std::int64_t>(dataset_.GetInputSize());
    const std::size_t plane = dataset_.GetInputSize() * dataset_.GetInputSize();
    DrawnImages drawn;
    drawn.image = torch::empty({static_cast<std::int64_t>(options_.batchSize), 1, side, side});
    std::vector<std::uint8_t> unused(plane);
    std::vector<torch::Tensor> masks;
    Phantom::RandomSource random(options_.seed, step);
    for (std::size_t i = 0; i < options_.batchSize; i++)
    {
      const std::size_t slice = slices_[random.Index(static_cast<unsigned int>(slices_.size()))];
      Data::WriteAugmented(dataset_.GetSlices()[slice], options_.augmentation, random,
                           std::span(drawn.image.data_ptr<float>() + i * plane, plane), unused);
      masks.push_back(DrawPatchMask(side, options_.maskRatio, options_.seed, step * options_.batchSize + i));
    }
    drawn.patchMask = torch::cat(masks);
    return drawn;
  }

  MaskedBatch MaskedBatchSampler::Assemble(const DrawnImages& images, torch::Device device) const
  {
    MaskedBatch batch;
    batch.image =
      images.image.to(device).expand({-1, Network::IMAGE_CHANNELS, -1, -1}).contiguous(at::MemoryFormat::ChannelsLast);
    batch.patchMask = images.patchMask.to(device);
    batch.masked = MaskPatches(batch.image, batch.patchMask).contiguous(at::MemoryFormat::ChannelsLast);
    return batch;
  }

  MaskedBatch MaskedBatchSampler::Draw(std::size_t step) const
  {
    return Assemble(DrawSlices(step), torch::kCPU);
  }
}
