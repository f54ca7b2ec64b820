// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Prediction.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::Results
{
  // ManufacturerModelName of what is synthetic: images, reference masks, labels.
  inline constexpr const char* PHANTOM_GENERATOR = "phantom generator";

  // The engine's `phantom-begin`: geometry and truth of one synthetic volume.
  struct PhantomDescription
  {
    std::uint64_t seed = 0;
    std::optional<GenotypeStatus> status;  // planted; none without a tumour
    double signalStrength = 0;             // 0: the status leaves no trace in the image
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint32_t slices = 0;
    std::array<double, 2> pixelSpacingMm = {};  // between rows, between columns
    double sliceSpacingMm = 0;
    double sliceThicknessMm = 0;                      // the slice spacing when the engine does not say
    std::array<double, 3> firstSlicePositionMm = {};  // centre of the first voxel, LPS
    double tumourVolumeMm3 = 0;                       // 0: no tumour was planted
    std::string tumourSite;                           // "pons", ...; empty when the engine does not say
    double echoTimeMs = 0;
    double repetitionTimeMs = 0;
  };

  // Throws Corrupt, naming the key, on anything missing, misshapen or beyond 1024 x 1024 x 512 voxels.
  PhantomDescription ParsePhantomDescription(std::string_view json);
}
