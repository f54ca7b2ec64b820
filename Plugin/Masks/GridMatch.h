// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Vectors.h"

#include <array>
#include <cstddef>
#include <optional>

namespace H3K27M::Volume
{
  class SliceGrid;
  struct SourceSeries;
}

namespace H3K27M::Masks
{
  // A grid of voxels as a file describes it, in LPS, mm: its three axes in the file's order.
  struct VoxelGrid
  {
    std::array<std::size_t, 3> sizes{};
    std::array<Volume::Vector, 3> steps{};  // to the next voxel of each axis
    Volume::Vector origin{};                // centre of voxel (0, 0, 0)
  };

  // A file's grid that is the grid of a series, but for the order and the direction of its axes: nothing is resampled.
  // Where the series has gaps, the file holds the slices that are missing. Immutable.
  class GridMatch
  {
  public:
    // Throws Error(BadInput) that states each difference (voxels, mm, degrees) when a voxel lies more than
    // TOLERANCE_VOXELS beside the series' own.
    static GridMatch Find(const VoxelGrid& file, const Volume::SourceSeries& series);

    static constexpr double TOLERANCE_VOXELS = 0.1;  // positions are written rounded, and NIfTI's are of 32 bits

    // Index into the file's voxels (first axis fastest) of a place of the stack: see Volume::SliceGrid::GetPlace().
    std::size_t GetFileIndex(std::size_t column, std::size_t row, std::size_t place) const noexcept;

    std::size_t CountPlaces() const noexcept
    {
      return sizes_[2];
    }

  private:
    GridMatch() = default;

    std::array<std::size_t, 3> fileAxis_{};  // of columns, rows, slices
    std::array<bool, 3> isReversed_{};
    std::array<std::size_t, 3> sizes_{};  // of columns, rows, slices
  };
}
