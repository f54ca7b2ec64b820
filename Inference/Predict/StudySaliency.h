// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/IBackend.h"
#include "Inference/Predict/PatientScore.h"
#include "Inference/Preprocess/SliceTensor.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace H3K27M::Predict
{
  // Of which slices the predicted genotype is explained.
  enum class SaliencyChoice
  {
    None,
    Key,  // of those that count for the genotype the one with the largest tumour, else the one that speaks most clearly
    All   // each that counts for the genotype
  };

  // "none", "key", "all"; nothing for any other text.
  std::optional<SaliencyChoice> ParseSaliencyChoice(std::string_view text);

  // Native [row, column] maps by slice: 0 nothing speaks for the predicted genotype, 255 the strongest place in all
  // maps of the study, so that slices compare. Says nothing about how sure the network is: there is always a strongest
  // place, unless nothing speaks for the genotype at all; then the maps are 0.
  using SaliencyMaps = std::map<std::size_t, std::vector<std::uint8_t>>;

  // The chosen slices of a study, lowest first; none without a genotype.
  std::vector<std::size_t> ChooseSalientSlices(SaliencyChoice choice, const PatientScore& patient,
                                               const std::vector<SliceScore>& scores);

  // The maps of `slices` for the genotype `call`. `onBatch` is called before each batch and may throw. Memory: a float
  // per pixel of the network's grid and one byte per native pixel, of each slice.
  SaliencyMaps ComputeSaliencyMaps(IBackend& backend, const Preprocess::SliceTensor& study,
                                   const std::vector<std::size_t>& slices, GenotypeCall call,
                                   const std::function<void()>& onBatch);
}
