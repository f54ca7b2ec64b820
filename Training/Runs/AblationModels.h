// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"

#include <array>
#include <cstddef>
#include <string>

namespace H3K27M::Runs
{
  // One of the six models that the paper compares (table 1): an architecture, from random weights or from an encoder
  // that was pre-trained by masked autoencoding.
  struct AblationModel
  {
    std::size_t number = 0;  // the paper's
    Network::Variant variant = Network::Variant::Fusion;
    bool isPretrained = false;

    // "model-6": the name of its folder.
    std::string GetName() const;
  };

  inline constexpr std::array<AblationModel, 6> ABLATION_MODELS{{
    {1, Network::Variant::Classification, false},
    {2, Network::Variant::Classification, true},
    {3, Network::Variant::Parallel, false},
    {4, Network::Variant::Fusion, false},
    {5, Network::Variant::Parallel, true},
    {6, Network::Variant::Fusion, true},
  }};
}
