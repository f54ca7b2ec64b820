// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/BatchNormScope.h"
#include "Training/Ranks/RankGroup.h"

namespace H3K27M::Ranks
{
  // Batch normalisation by mean and variance over the images of all processes, as if they were one batch (synchronised
  // batch normalisation): forward and backward each cost one exchange of a few numbers a channel. Computed in float32,
  // or in float64 when the images are; lower precisions come back as they were.
  class SharedBatchNorm : public Network::IBatchNormRule
  {
  public:
    // `group` must outlive this object and whatever gradient is still to be computed.
    explicit SharedBatchNorm(const RankGroup& group) :
      group_(group)
    {
    }

    torch::Tensor Normalise(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) const override;

  private:
    const RankGroup& group_;
  };
}
