// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/TensorMap.h"

#include <cstdint>

namespace H3K27M::Trainers
{
  // Weights of a network for `fromSize` x `fromSize` pixels, made to fit one for `toSize` x `toSize`: the learned
  // position embeddings [1, token, feature] of both transformers are interpolated bilinearly over rows and columns. So
  // are the weights of the last classification layer, which takes width/8 * (size/16)^2 features; they are divided by
  // the growth of the area, so that its answer keeps its scale. No other tensor depends on the size. This is what lets
  // a network learn on small images, at a quarter of the cost, before it is trained on full ones.
  // Throws Error(BadInput) naming a tensor that does not fit `fromSize`.
  Weights::TensorMap ResizeInput(const Weights::TensorMap& weights, std::int64_t fromSize, std::int64_t toSize);
}
