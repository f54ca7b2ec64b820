// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

// How plugin and engine read a NIfTI-1 file: a mask that is taken when it is uploaded is taken from a BIDS folder too,
// and lies in the same place. Codes are numbers of the standard (nifti1.h), which this library does not see.
namespace H3K27M::Protocol
{
  constexpr std::size_t MAX_NIFTI_VOXELS = std::size_t{1} << 28;  // 1 GiB as float32

  // The value at `bytes`, whose order is not this machine's where `isSwapped`.
  using VoxelReader = double (*)(const char* bytes, bool isSwapped);

  // Null for a `datatype` that is no whole or floating-point number of 1 to 8 bytes.
  VoxelReader FindVoxelReader(int datatype) noexcept;

  // Of one `xyz_units`: metre, micrometre; all else is mm, said or, as the standard's users do, left out.
  double GetMillimetres(int units) noexcept;

  // From a stored value to the one that is meant.
  struct VoxelScale
  {
    double slope = 1;
    double intercept = 0;
  };

  // A slope of 0 says that there is none. What is no finite number does not count.
  VoxelScale MakeVoxelScale(float slope, float intercept) noexcept;
}
