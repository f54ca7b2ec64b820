// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Weights/ModelCard.h"

namespace H3K27M::Runs
{
  // Whether a run whose networks are of the layout `wanted` may start from a model, by the model's card alone: to be
  // asked before data are read and weights are loaded, which say the same minutes later. The input size may be another
  // one, it is resized.

  // Of StartingPoint::FromModel(): throws Error(BadInput), which names both, for a model of another variant or width
  // than the run's network; of an encoder (variant `mae`) the width alone counts. An ensemble is judged as its
  // networks are.
  void RequireFit(const Weights::ModelCard& card, const Network::NetworkOptions& wanted);

  // Of an ablation, whose models have several variants: throws Error(BadInput) for what is no encoder, or has another
  // width.
  void RequireEncoderFit(const Weights::ModelCard& card, const Network::NetworkOptions& wanted);
}
