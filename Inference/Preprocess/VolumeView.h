// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace H3K27M::Preprocess
{
  // A grey volume that somebody else owns: [slice, row, column] float32, rescaled values (stored * slope + intercept).
  // Axial display orientation: rows run to the patient's posterior, columns to the patient's left. Slices follow each
  // other along their normal, upwards or downwards: each is seen by itself. The network never sees positions, so a few
  // degrees of tilt do not matter.
  struct VolumeView
  {
    std::span<const float> voxels;
    std::size_t slices = 0;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::array<double, 2> pixelSpacingMm{1, 1};  // between rows, between columns (DICOM's order)
    double sliceSpacingMm = 1;                   // between the centres of neighbouring slices

    std::size_t GetSliceSize() const noexcept
    {
      return rows * columns;
    }

    // Throws Error(BadInput) unless 1..MAX_SLICES slices of MIN_SIDE..MAX_SIDE rows and columns, spacings finite and
    // between 0.01 and 100 mm, and as many voxels as the sizes say (64-bit arithmetic).
    void Check() const;

    static constexpr std::size_t MAX_SLICES = 2048;
    static constexpr std::size_t MIN_SIDE = 8;
    static constexpr std::size_t MAX_SIDE = 8192;
  };
}
