// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/TensorMap.h"

#include <torch/torch.h>

namespace H3K27M::Trainers
{
  // What AdamW, Adam or SGD with momentum has gathered, as tensors under `optimizer.<parameter>.<moment>`: LibTorch's
  // own archive is a pickle, which is never read here. Parameters without gradient have no state.
  // Throws Error(Internal) for another optimizer.
  void AddOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                         Weights::TensorMap& target);

  // The inverse. Throws Error(BadInput) naming a moment whose shape is not its parameter's.
  void RestoreOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                             const Weights::TensorMap& source);
}
