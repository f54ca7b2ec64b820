// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/NeighbourEmbedding.h"

#include "Inference/Protocol/Error.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace H3K27M::Evaluation
{
  namespace
  {
    // The published schedule: affinities are exaggerated at first, so that clusters find room to move past each other.
    constexpr int STEPS = 750;
    constexpr int EXAGGERATED_STEPS = 250;
    constexpr double EXAGGERATION = 12;
    constexpr double SMALLEST = 1e-12;
    constexpr int SEARCH_STEPS = 60;

    torch::Tensor MakeSquaredDistances(const torch::Tensor& points)
    {
      const torch::Tensor squares = points.square().sum(1, true);
      return (squares + squares.t() - 2 * points.matmul(points.t())).clamp_min(0).fill_diagonal_(0);
    }

    // Each row a distribution over the other points whose entropy is log(perplexity): bisection of all rows at once.
    torch::Tensor MakeConditionals(const torch::Tensor& distances, double perplexity)
    {
      const torch::Tensor self = torch::eye(distances.size(0), torch::kBool);
      const double infinity = std::numeric_limits<double>::infinity();
      // The nearest neighbour's distance cancels out of the distribution; without it no row can vanish.
      const torch::Tensor nearest = distances.masked_fill(self, infinity).amin(1, true);
      const torch::Tensor offset = (distances - nearest).masked_fill(self, 0);
      torch::Tensor precision = torch::full({distances.size(0), 1}, 1.0, torch::kFloat64);
      torch::Tensor low = torch::zeros_like(precision);
      torch::Tensor high = torch::full_like(precision, infinity);
      torch::Tensor weights;
      torch::Tensor sum;
      for (int i = 0; i < SEARCH_STEPS; i++)
      {
        weights = torch::exp(-precision * offset).masked_fill(self, 0);
        sum = weights.sum(1, true);
        const torch::Tensor entropy = sum.log() + precision * (offset * weights).sum(1, true) / sum;
        const torch::Tensor isTooWide = entropy > std::log(perplexity);
        low = torch::where(isTooWide, precision, low);
        high = torch::where(isTooWide, high, precision);
        precision = torch::where(high.isinf(), precision * 2, (low + high) / 2);
      }
      return weights / sum;
    }

    torch::Tensor MakeAffinities(const torch::Tensor& features, double perplexity)
    {
      torch::Tensor distances = MakeSquaredDistances(features);
      distances = distances / distances.mean().clamp_min(SMALLEST);
      const torch::Tensor conditionals = MakeConditionals(distances, perplexity);
      return ((conditionals + conditionals.t()) / (2.0 * static_cast<double>(features.size(0)))).clamp_min(SMALLEST);
    }

    torch::Tensor MakeGradient(const torch::Tensor& affinities, const torch::Tensor& positions)
    {
      const torch::Tensor kernel = (1 + MakeSquaredDistances(positions)).reciprocal().fill_diagonal_(0);
      const torch::Tensor pull = (affinities - (kernel / kernel.sum()).clamp_min(SMALLEST)) * kernel;
      return 4 * (pull.sum(1, true) * positions - pull.matmul(positions));
    }
  }

  double NeighbourEmbedding::GetPerplexity(std::int64_t points) const
  {
    return std::min(perplexity, static_cast<double>(points - 1) / 3);
  }

  torch::Tensor NeighbourEmbedding::Embed(const torch::Tensor& features) const
  {
    const torch::NoGradGuard noGradient;
    const std::int64_t count = features.size(0);
    if (count < MIN_POINTS || count > MAX_POINTS)
    {
      throw Error(ErrorCode::BadInput, "t-SNE takes " + std::to_string(MIN_POINTS) + " to " +
                                         std::to_string(MAX_POINTS) + " points, not " + std::to_string(count));
    }
    if (!features.isfinite().all().item<bool>())
    {
      throw Error(ErrorCode::BadInput, "t-SNE: a feature is no finite number");
    }
    const torch::Tensor affinities = MakeAffinities(features.to(torch::kFloat64), GetPerplexity(count));
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    torch::Tensor positions = torch::randn({count, 2}, generator, torch::kFloat64) * 1e-4;
    torch::Tensor velocity = torch::zeros_like(positions);
    torch::Tensor gains = torch::ones_like(positions);
    const double rate = std::max(static_cast<double>(count) / EXAGGERATION / 4, 50.0);
    for (int step = 0; step < STEPS; step++)
    {
      const bool isEarly = step < EXAGGERATED_STEPS;
      const torch::Tensor gradient = MakeGradient(isEarly ? affinities * EXAGGERATION : affinities, positions);
      // Faster where the direction stays, slower where it turns.
      gains = torch::where(gradient.sign() != velocity.sign(), gains + 0.2, gains * 0.8).clamp_min(0.01);
      velocity = (isEarly ? 0.5 : 0.8) * velocity - rate * gains * gradient;
      positions = positions + velocity;
      positions = positions - positions.mean(0, true);
    }
    return positions;
  }
}
