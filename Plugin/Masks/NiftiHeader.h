// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/GridMatch.h"

#include <cstddef>
#include <string_view>

namespace H3K27M::Masks
{
  // What a NIfTI-1 header says of its one volume. A plain value.
  struct NiftiHeader
  {
    static constexpr std::size_t SIZE = 348;  // bytes

    VoxelGrid grid;
    int datatype = 0;               // NIfTI's code
    std::size_t bytesPerVoxel = 0;  // of that type
    std::size_t voxelOffset = 0;    // of the first voxel, from the start of the file
    bool isSwapped = false;         // the other byte order
    double slope = 1;               // value = stored * slope + intercept
    double intercept = 0;
  };

  // Judges the first SIZE bytes of a file; the voxels need not be there. Throws Error(BadInput) when it is no NIfTI-1
  // file in one piece, holds several volumes, or does not say where it lies.
  NiftiHeader ParseNiftiHeader(std::string_view bytes);
}
