// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/IBackend.h"

#include <memory>
#include <vector>

namespace H3K27M::Predict
{
  // Several networks that answer as one, as the folds of a cross-validation do for patients that none has seen: the
  // mean of their softmaxes, of the class head and of each pixel. Its logits are the logarithms of these means, so that
  // whoever takes their softmax gets the means. A saliency map is the mean of the members' maps. The members compute
  // one after another: the time is the sum.
  class EnsembleBackend : public IBackend
  {
  public:
    // At least one; all must have the same input size and the same heads. Throws Error(BadInput).
    explicit EnsembleBackend(std::vector<std::unique_ptr<IBackend>> members);

    const BackendInfo& GetInfo() const noexcept override
    {
      return info_;
    }

    NetworkOutput RunNetwork(std::span<const float> images, std::size_t count) override;
    BatchResult RunBatch(const SliceBatch& batch) override;
    std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count,
                                       std::int64_t genotype) override;

  private:
    NetworkOutput RunMembers(std::span<const float> images, std::size_t count, bool requiresFinite);

    std::vector<std::unique_ptr<IBackend>> members_;
    BackendInfo info_;
  };
}
