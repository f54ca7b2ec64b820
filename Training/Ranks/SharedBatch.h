// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/BatchNormScope.h"
#include "Training/Ranks/RankGroup.h"

#include <memory>

namespace H3K27M::Ranks
{
  // One batch among the processes of a training, such that its gradient is the one that a single process would have:
  // each runs the network on its slices, batch normalisation by the statistics of all slices, and the loss is that of
  // the whole batch, whatever it is divided by. All processes draw the same batch; without a group the whole batch is
  // this process's own, and all below but SeedNoise() does nothing.
  //   forward of TakeShare(image) in the scope of ShareStatistics() -> Gather(output) -> loss -> backward ->
  //   SumGradients()
  class SharedBatch
  {
  public:
    // `group` must outlive this object; null: one process. Throws Error(BadInput) when a process would have no slice.
    SharedBatch(const RankGroup* group, std::size_t batchSize);
    ~SharedBatch();

    // [N, ...] -> this process's rows.
    torch::Tensor TakeShare(const torch::Tensor& whole) const;

    // This process's rows -> [N, ...] of all. The gradient of the whole goes back to the rows that came from here. An
    // undefined tensor stays one.
    torch::Tensor Gather(const torch::Tensor& own) const;

    Network::BatchNormScope ShareStatistics() const;

    // Of the parameters that have one; each process has then the gradient of the whole batch, equal to the bit.
    void SumGradients(const std::vector<torch::Tensor>& parameters) const;

    // For dropout: the noise of each process is its own, and depends on seed, step and rank alone, so that a resumed
    // run draws the same. It is not the noise that one process would draw. One process on the CPU goes on with
    // LibTorch's generator, whose state a checkpoint keeps; it keeps none of another device's.
    void SeedNoise(std::uint64_t seed, std::uint64_t step, torch::Device device) const;

  private:
    const RankGroup* group_;
    std::int64_t rows_;
    std::unique_ptr<Network::IBatchNormRule> rule_;
  };
}
