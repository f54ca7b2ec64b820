// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Cpu/Lanes.h"

#include <torch/types.h>

namespace H3K27M::Cpu
{
  // What each function of this folder asks of a tensor: float32 on a CPU that has the instructions.
  inline bool CanCompute(const torch::Tensor& tensor)
  {
    return HasLaneInstructions() && tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32;
  }
}
