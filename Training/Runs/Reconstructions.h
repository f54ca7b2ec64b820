// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/MaskedAutoencoder.h"
#include "Training/Data/SliceDataset.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace H3K27M::Runs
{
  // The paper's figure 3: a few slices, spread over the data, masked at 0.40 and 0.60 and reconstructed by a network in
  // eval mode. Tensors of [slice, S, S] float32 in 0..1: original, masked_40, reconstructed_40, masked_60,
  // reconstructed_60; in a reconstruction the pixels that were shown are the network's too. `whose`: SLICES_HELD_OUT or
  // SLICES_TRAINED_ON (RunFiles.h), which the file says. Nothing is written when there is no slice.
  void SaveReconstructions(const std::filesystem::path& path, Network::MaskedAutoencoder network,
                           const Data::SliceDataset& dataset, const std::string& whose, std::uint64_t seed);
}
