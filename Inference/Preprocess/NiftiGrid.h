// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace H3K27M::Preprocess
{
  // How the voxels of a NIfTI file lie: in the file, seen from the axes [column, row, slice] of a VolumeView, and in
  // space.
  struct NiftiGrid
  {
    // Positions are written rounded, and NIfTI's are of 32 bits.
    static constexpr double TOLERANCE_VOXELS = 0.1;

    using Affine = std::array<std::array<double, 4>, 3>;

    std::array<int, 3> fileAxis{};  // 0, 1, 2
    std::array<bool, 3> isReversed{};
    std::array<std::size_t, 3> size{};  // of the view's axes
    std::array<double, 3> spacingMm{};  // of the view's axes
    std::optional<Affine> affine;       // from the file's voxel (i, j, k, 1) to mm, RAS; empty: it states no position

    // Index into the file's voxels of the view's voxel [slice, row, column].
    std::size_t GetFileIndex(std::size_t column, std::size_t row, std::size_t slice) const noexcept;

    // What tells this grid from the other, to a tenth of a voxel at each corner; where one of the two states no
    // position, over the whole of each axis. Empty where they are the same.
    std::string DescribeDifference(const NiftiGrid& other) const;
  };
}
