// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/types.h>

#include <cstdint>

namespace H3K27M::Evaluation
{
  // t-SNE (van der Maaten and Hinton, JMLR 2008), exact: the pairwise affinities of all points, no tree. Memory and
  // time grow with the square of the number of points.
  struct NeighbourEmbedding
  {
    static constexpr std::int64_t MAX_POINTS = 2000;  // 32 MB per matrix
    static constexpr std::int64_t MIN_POINTS = 5;

    double perplexity = 30;  // the effective number of neighbours; lowered to a third of the points where that is less
    std::uint64_t seed = 1;  // of the first positions; the generator is its own

    // The perplexity that is used for so many points.
    double GetPerplexity(std::int64_t points) const;

    // [N, F] of any floating type -> [N, 2] float64. Throws Error(BadInput) for fewer than MIN_POINTS or more than
    // MAX_POINTS, and where a number is not finite.
    torch::Tensor Embed(const torch::Tensor& features) const;
  };
}
