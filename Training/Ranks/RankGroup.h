// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Ranks/RankRing.h"

#include <torch/types.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Ranks
{
  // The rows of a whole that one process has.
  struct Share
  {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };

  // What the processes of one training say to each other. All of them call the same functions in the same order; each
  // waits for the others. Sums are made once and handed round, so that all have them equal to the bit. Tensors of a
  // GPU go by way of the host. Throws what RankRing::Exchange throws: when one process leaves, the others follow.
  class RankGroup
  {
  public:
    RankGroup(const RankEnvironment& environment, std::chrono::seconds patience);

    std::size_t GetRank() const noexcept
    {
      return ring_.GetRank();
    }

    std::size_t GetSize() const noexcept
    {
      return ring_.GetSize();
    }

    // Of `rows` that are divided as evenly as it goes, in the order of the ranks.
    Share GetShare(std::size_t rank, std::int64_t rows) const;

    // Each tensor becomes the sum of what the processes have: float32 or float64, of equal shapes everywhere.
    void Sum(const std::vector<torch::Tensor>& tensors) const;

    // [rows, ...] of the shares of all: `own` [count of this process, ...]. Not differentiable.
    torch::Tensor Gather(const torch::Tensor& own, std::int64_t rows) const;

    // Each tensor takes the values that it has in the first process.
    void Spread(const std::vector<torch::Tensor>& tensors) const;

    // Those of the first process; what the others hand in is not looked at.
    std::vector<std::byte> Spread(std::vector<std::byte> bytes) const;

    // Throws Error(Conflict), in every process, when one has another text: `what` says of what it is.
    void RequireSame(const std::string& text, const std::string& what) const;

  private:
    template <typename Number>
    void SumNumbers(std::span<Number> numbers) const;
    void GatherBlocks(std::span<std::byte> all, const std::vector<std::size_t>& ends) const;
    void PassOn(std::span<std::byte> bytes) const;

    RankRing ring_;
  };
}
