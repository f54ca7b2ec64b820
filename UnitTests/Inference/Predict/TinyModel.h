// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"

#include <cstdint>

namespace H3K27M::Predict
{
  // A network of 64 x 64 pixels and 16 channels with seeded random weights and batch-norm statistics that are not
  // trivial, so that folding them wrongly shows. Computes a slice in about a millisecond.
  Network::GenotypeNet MakeTinyModel(std::uint64_t seed, Network::Variant variant = Network::Variant::Fusion);
}
