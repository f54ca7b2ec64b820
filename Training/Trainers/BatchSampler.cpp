// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/BatchSampler.h"

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr std::uint64_t ORDER_STREAM = 0x6f726472ULL;  // apart from what is drawn for augmentation

    // Not in the ascending order of ListTumourSlices(): what is shuffled decides the batches, and a run that is resumed
    // must draw those that it began with.
    std::vector<std::size_t> ListByGenotype(const Data::SliceDataset& dataset)
    {
      std::vector<std::size_t> all = dataset.GetTumourSlices(Network::GENOTYPE_ALTERED);
      const std::vector<std::size_t>& others = dataset.GetTumourSlices(Network::GENOTYPE_WILD_TYPE);
      all.insert(all.end(), others.begin(), others.end());
      return all;
    }
  }

  std::size_t BatchOptions::CountWithTumour() const
  {
    return batchSize - static_cast<std::size_t>(std::lround(static_cast<double>(batchSize) * tumourFreeShare));
  }

  BatchSampler::BatchSampler(const Data::SliceDataset& dataset, const BatchOptions& options) :
    dataset_(dataset),
    options_(options),
    tumourSlices_(ListByGenotype(dataset))
  {
    const auto Require = [](const std::vector<std::size_t>& slices, const char* kind)
    {
      if (slices.empty())
      {
        throw Error(ErrorCode::BadInput, std::string("The training data hold no ") + kind);
      }
    };
    Require(dataset.GetTumourSlices(Network::GENOTYPE_ALTERED), "tumour slice of an altered case");
    Require(dataset.GetTumourSlices(Network::GENOTYPE_WILD_TYPE), "tumour slice of a wild-type case");
    if (options.shrink < 1 || static_cast<std::int64_t>(dataset.GetInputSize()) % (16 * options.shrink) != 0)
    {
      throw Error(ErrorCode::BadInput, "The images cannot be made smaller by " + std::to_string(options.shrink));
    }
    if (options.batchSize == 0 || !(options.tumourFreeShare >= 0 && options.tumourFreeShare < 1))
    {
      throw Error(ErrorCode::BadInput, "The batch must hold a slice, and the tumour-free share be below 1");
    }
    if (options.CountWithTumour() == 0)
    {
      throw Error(ErrorCode::BadInput, "The tumour-free share leaves no slice with tumour in a batch of " +
                                         std::to_string(options.batchSize) + ": lower it, or make the batch larger");
    }
    if (options.tumourFreeShare > 0)
    {
      Require(dataset.GetTumourFreeSlices(), "slice without tumour");
    }
  }

  BatchSampler::Order BatchSampler::GetOrder(std::size_t epoch) const
  {
    const std::lock_guard lock(mutex_);
    if (!order_ || epoch_ != epoch)
    {
      std::vector<std::size_t> order = tumourSlices_;
      Phantom::RandomSource random(options_.seed ^ ORDER_STREAM, epoch);
      for (std::size_t i = order.size(); i > 1; i--)
      {
        std::swap(order[i - 1], order[random.Index(static_cast<unsigned int>(i))]);
      }
      order_ = std::make_shared<const std::vector<std::size_t>>(std::move(order));
      epoch_ = epoch;
    }
    return order_;
  }

  // The slices with tumour of batch `step`, where each has its turn once in an epoch.
  std::vector<std::size_t> BatchSampler::ListInTurn(std::size_t step) const
  {
    const std::size_t count = options_.CountWithTumour();
    Order order;
    std::vector<std::size_t> chosen;
    for (std::size_t turn = step * count; turn < (step + 1) * count; turn++)
    {
      const std::size_t place = turn % tumourSlices_.size();
      if (!order || place == 0)
      {
        order = GetOrder(turn / tumourSlices_.size());
      }
      chosen.push_back((*order)[place]);
    }
    return chosen;
  }

  DrawnSlices BatchSampler::DrawSlices(std::size_t step) const
  {
    const std::size_t plane = dataset_.GetInputSize() * dataset_.GetInputSize();
    const auto count = static_cast<std::int64_t>(options_.batchSize);
    const auto side = static_cast<std::int64_t>(dataset_.GetInputSize());
    const DrawnSlices drawn{torch::empty({count, 1, side, side}), torch::empty({count, side, side}, torch::kUInt8),
                            torch::empty({count}, torch::kInt64), torch::empty({count})};
    Phantom::RandomSource random(options_.seed, step);
    const std::size_t withTumour = options_.CountWithTumour();
    const std::vector<std::size_t> inTurn = options_.isBalanced ? std::vector<std::size_t>() : ListInTurn(step);
    for (std::size_t i = 0; i < options_.batchSize; i++)
    {
      const auto genotype = static_cast<std::int64_t>((i + step) % 2);
      const bool hasTumour = i < withTumour;
      const std::vector<std::size_t>& pool =
        hasTumour ? dataset_.GetTumourSlices(genotype) : dataset_.GetTumourFreeSlices();
      const std::size_t chosen =
        i < inTurn.size() ? inTurn[i] : pool[random.Index(static_cast<unsigned int>(pool.size()))];
      const Data::StoredSlice& slice = dataset_.GetSlices()[chosen];
      Data::WriteAugmented(slice, options_.augmentation, random,
                           std::span(drawn.image.data_ptr<float>() + i * plane, plane),
                           std::span(drawn.mask.data_ptr<std::uint8_t>() + i * plane, plane));
      drawn.label.data_ptr<std::int64_t>()[i] = slice.genotype;
      drawn.hasClass.data_ptr<float>()[i] = hasTumour ? 1 : 0;
    }
    return drawn;
  }

  Batch BatchSampler::Assemble(const DrawnSlices& slices, torch::Device device) const
  {
    torch::Tensor image = slices.image.to(device);
    torch::Tensor mask = slices.mask.to(device);
    if (options_.shrink > 1)
    {
      const std::int64_t shrink = options_.shrink;
      const std::int64_t side = image.size(Network::AXIS_ROW);
      image = torch::avg_pool2d(image, shrink);
      mask = mask.slice(1, shrink / 2, side, shrink).slice(2, shrink / 2, side, shrink);
    }
    Batch batch;
    batch.image = image.expand({-1, Network::IMAGE_CHANNELS, -1, -1}).contiguous(at::MemoryFormat::ChannelsLast);
    batch.target.label = slices.label.to(device);
    batch.target.mask = mask.to(torch::kInt64) * (batch.target.label + 1).view({-1, 1, 1});
    batch.target.hasClass = slices.hasClass.to(device);
    return batch;
  }

  Batch BatchSampler::Draw(std::size_t step) const
  {
    return Assemble(DrawSlices(step), torch::kCPU);
  }
}
