// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Network
{
  // How a batch normalisation in training normalises when the images at hand are a part of a larger batch, whose mean
  // and variance count.
  class IBatchNormRule
  {
  public:
    virtual ~IBatchNormRule() = default;

    // `x` [N, channel, row, column]; gives the same shape and type, and moves the running statistics of `norm` on.
    virtual torch::Tensor Normalise(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) const = 0;
  };

  // Puts a rule into effect for its life, for networks that run in this thread; null: each batch by itself.
  class BatchNormScope
  {
  public:
    // `rule` must outlive this object.
    explicit BatchNormScope(const IBatchNormRule* rule) noexcept;
    BatchNormScope(const BatchNormScope&) = delete;
    BatchNormScope& operator=(const BatchNormScope&) = delete;
    ~BatchNormScope();

    static const IBatchNormRule* GetRule() noexcept;

  private:
    const IBatchNormRule* before_;
  };
}
