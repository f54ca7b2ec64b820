// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomParameters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Phantom
{
  // A synthetic axial T2-weighted head volume and the truth about it.
  // Frame: LPS in mm; rows run to the patient's left (+x), columns to posterior (+y), slices upwards (+z, lowest
  // first), so ImageOrientationPatient is 1\0\0\0\1\0 and slice k lies sliceSpacingMm * k above the first.
  struct PhantomVolume
  {
    PhantomParameters parameters;

    std::vector<std::uint16_t> voxels;  // [slice, row, column], 0..4095, arbitrary units
    std::vector<std::uint8_t> mask;     // [slice, row, column], 1 = tumour, 0 = all else

    std::array<double, 3> firstSlicePositionMm{};  // centre of voxel (0, 0, 0)
    double sliceThicknessMm = 0;                   // below the slice spacing: the rest is gap
    double echoTimeMs = 0;
    double repetitionTimeMs = 0;
    double tumourVolumeMm3 = 0;  // voxels of the mask times the voxel's volume
    std::string tumourSite;      // "pons", "midbrain", "thalamus", "medulla", "vermis"; empty without a tumour

    std::size_t GetSliceSize() const noexcept
    {
      return static_cast<std::size_t>(parameters.rows) * parameters.columns;
    }
  };
}
