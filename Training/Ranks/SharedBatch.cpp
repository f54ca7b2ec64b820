// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/SharedBatch.h"

#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"
#include "Training/Ranks/SharedBatchNorm.h"

namespace H3K27M::Ranks
{
  namespace
  {
    struct GatherRows : torch::autograd::Function<GatherRows>
    {
      static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& own,
                                   const RankGroup* group, std::int64_t rows)
      {
        const Share share = group->GetShare(group->GetRank(), rows);
        context->saved_data["first"] = share.first;
        context->saved_data["count"] = share.count;
        return group->Gather(own, rows);
      }

      // NOLINTNEXTLINE(readability-identifier-naming): LibTorch calls it by this name
      static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                     torch::autograd::variable_list gradients)
      {
        return {gradients[0].narrow(0, context->saved_data["first"].toInt(), context->saved_data["count"].toInt()),
                torch::Tensor(), torch::Tensor()};
      }
    };
  }

  SharedBatch::SharedBatch(const RankGroup* group, std::size_t batchSize) :
    group_(group),
    rows_(static_cast<std::int64_t>(batchSize))
  {
    if (group_ == nullptr)
    {
      return;
    }
    if (batchSize < group_->GetSize())
    {
      throw Error(ErrorCode::BadInput, "A batch of " + std::to_string(batchSize) + " slices cannot be divided among " +
                                         std::to_string(group_->GetSize()) + " processes");
    }
    rule_ = std::make_unique<SharedBatchNorm>(*group_);
  }

  SharedBatch::~SharedBatch() = default;

  torch::Tensor SharedBatch::TakeShare(const torch::Tensor& whole) const
  {
    if (group_ == nullptr)
    {
      return whole;
    }
    const Share share = group_->GetShare(group_->GetRank(), rows_);
    return whole.narrow(0, share.first, share.count);
  }

  torch::Tensor SharedBatch::Gather(const torch::Tensor& own) const
  {
    return group_ == nullptr || !own.defined() ? own : GatherRows::apply(own, group_, rows_);
  }

  Network::BatchNormScope SharedBatch::ShareStatistics() const
  {
    return Network::BatchNormScope(rule_.get());
  }

  void SharedBatch::SumGradients(const std::vector<torch::Tensor>& parameters) const
  {
    if (group_ == nullptr)
    {
      return;
    }
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& parameter : parameters)
    {
      if (parameter.grad().defined())
      {
        gradients.push_back(parameter.grad());
      }
    }
    group_->Sum(gradients);
  }

  void SharedBatch::SeedNoise(std::uint64_t seed, std::uint64_t step, torch::Device device) const
  {
    if (group_ != nullptr || !device.is_cpu())
    {
      const std::uint64_t rank = group_ != nullptr ? group_->GetRank() : 0;
      Phantom::RandomSource random(seed ^ (rank << 32U), step);
      torch::manual_seed(random.Index(0x7fffffffU));
    }
  }
}
