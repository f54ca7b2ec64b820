// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/InputReference.h"

#include <torch/torch.h>

#include <cstdint>
#include <optional>

namespace H3K27M::Evaluation
{
  // Two lie opposite each other: nothing in them tells noise, nothing is shrunk, the covariance has one direction.
  constexpr std::int64_t LEAST_LEARNED_STUDIES = 3;

  // `learned` [n, D]: signatures of the studies that a network was trained on, or of others of the same kind.
  // `heldOut` [m, D]: of patients that neither the network nor `learned` holds. Mean and covariance of `learned`, its
  // channels brought to one scale, the covariance shrunk as Ledoit and Wolf do (2004): there are more channels than
  // patients. Empty where the learned studies vary in too few ways: all alike, or in pairs opposite each other. Throws
  // Error(BadInput) for fewer than LEAST_LEARNED_STUDIES learned or none held out.
  std::optional<Weights::InputReference> FitInputReference(const torch::Tensor& learned, const torch::Tensor& heldOut);

  // The shrunk covariance of centred rows [n, D], towards the multiple of the identity with the same trace.
  torch::Tensor ShrinkCovariance(const torch::Tensor& centred);
}
