// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Safetensors.h"

#include <span>

namespace H3K27M::Serve
{
  // target[i] = stored[i] * slope + intercept, in float32, for U8, I8, U16, I16, U32, I32 and F32. `target` has as many
  // elements as the tensor. Throws Error(BadInput) for any other type.
  void RescaleStoredValues(const Protocol::TensorView& stored, double slope, double intercept, std::span<float> target);
}
