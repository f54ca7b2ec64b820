// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/types.h>

#include <vector>

namespace H3K27M::Trainers
{
  // The Euclidean norm of all gradients together, as they were, a scalar on their device: reading it waits for a GPU.
  // Above `limit` they are scaled down to it; 0 or less: never. Parameters without a gradient are passed over.
  torch::Tensor ClipGradientNorm(const std::vector<torch::Tensor>& parameters, double limit);
}
