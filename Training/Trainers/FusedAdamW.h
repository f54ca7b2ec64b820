// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/optim/adamw.h>

namespace H3K27M::Trainers
{
  // AdamW whose step is one operation over all parameters. LibTorch's own goes through them one by one, a dozen kernels
  // each: a third of a training step on a GPU. The state is AdamW's, so checkpoints know no difference. Moments are
  // laid out in memory as their parameters are, which the operation needs.
  class FusedAdamW : public torch::optim::AdamW
  {
  public:
    using torch::optim::AdamW::AdamW;

    // The closure is not used: the caller has made the gradients.
    torch::Tensor step(LossClosure closure = nullptr) override;
  };
}
