// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/Prediction.h"
#include "Plugin/Results/ResultContext.h"
#include "Plugin/Volume/SourceSeries.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace H3K27M::Tests
{
  // A series made in code, with the header attributes of a scanner's image.
  struct SampleSourceOptions
  {
    std::uint32_t rows = 16;
    std::uint32_t columns = 24;
    std::size_t slices = 6;
    bool isEnhanced = false;
    std::string characterSet = "ISO_IR 100";
    std::string patientName = "SAMPLE^RESULT";
  };

  Volume::SourceSeries MakeSampleSource(const SampleSourceOptions& options = SampleSourceOptions());

  // An ellipse of class `value` on the slices from `first` to `last`, different on each slice and not symmetric, so
  // that swapped axes, shifted frames and reversed bits show.
  Results::MaskVolume MakeSampleMask(const Volume::SourceSeries& source, std::size_t first, std::size_t last,
                                     std::uint8_t value = 1);

  // What an engine would answer for this mask.
  Results::Prediction MakeSamplePrediction(const Results::MaskVolume& mask, const Volume::SourceSeries& source);

  Results::ModelInfo MakeSampleModel();

  // A fixed time, so that bytes can be compared.
  Results::ContentDateTime MakeSampleTime();
}
