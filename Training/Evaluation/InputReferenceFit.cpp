// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/InputReferenceFit.h"

#include "Inference/Network/TensorCopy.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Evaluation
{
  namespace
  {
    // Of the mean deviation: a channel that hardly moves within the training set is not worth infinitely much.
    constexpr double LEAST_DEVIATION = 0.05;
  }

  torch::Tensor ShrinkCovariance(const torch::Tensor& centred)
  {
    const auto count = static_cast<double>(centred.size(0));
    const auto dimension = static_cast<double>(centred.size(1));
    const torch::Tensor sample = centred.t().matmul(centred) / count;
    const torch::Tensor identity = torch::eye(centred.size(1), centred.options());
    const double scale = sample.trace().item<double>() / dimension;
    const double spread = (sample - scale * identity).square().sum().item<double>();
    const double fourth = centred.square().sum(1).square().sum().item<double>();
    const double noise = (fourth / count - sample.square().sum().item<double>()) / count;
    const double shrinkage = spread > 0 ? std::clamp(noise / spread, 0.0, 1.0) : 1.0;
    return (1 - shrinkage) * sample + shrinkage * scale * identity;
  }

  std::optional<Weights::InputReference> FitInputReference(const torch::Tensor& learned, const torch::Tensor& heldOut)
  {
    if (learned.dim() != 2 || heldOut.dim() != 2 || learned.size(0) < LEAST_LEARNED_STUDIES || heldOut.size(0) < 1 ||
        learned.size(1) != heldOut.size(1))
    {
      throw Error(ErrorCode::BadInput, "A reference of known inputs needs " + std::to_string(LEAST_LEARNED_STUDIES) +
                                         " studies to learn and one held out, of the same network");
    }
    const torch::Tensor known = learned.to(torch::kFloat64);
    const torch::Tensor mean = known.mean(0);
    torch::Tensor deviation = known.std(0, false);
    deviation = deviation.clamp_min(std::max(LEAST_DEVIATION * deviation.mean().item<double>(), 1e-12));
    const auto [root, fault] = torch::linalg_cholesky_ex(ShrinkCovariance((known - mean) / deviation));
    if (fault.item<std::int64_t>() != 0)
    {
      return std::nullopt;
    }
    const torch::Tensor whitening =
      torch::linalg_solve_triangular(root, torch::diag(1 / deviation), /*upper=*/false, /*left=*/true);
    // Measured as it is stored, so that equal inputs have equal distances.
    const Weights::InputReference bare(Network::CopyToVector(mean), Network::CopyToVector(whitening), {0});
    const torch::Tensor others = heldOut.to(torch::kFloat64).contiguous();
    std::vector<float> distances;
    for (std::int64_t i = 0; i < others.size(0); i++)
    {
      const double* row = others.const_data_ptr<double>() + i * others.size(1);
      distances.push_back(static_cast<float>(bare.Measure({row, static_cast<std::size_t>(others.size(1))})));
    }
    return Weights::InputReference(Network::CopyToVector(mean), Network::CopyToVector(whitening), std::move(distances));
  }
}
