// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/GridMatch.h"
#include "Plugin/Results/MaskVolume.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

struct nifti_1_header;

namespace H3K27M::Tests
{
  // The grid of the series as a file that was made of it states it: columns, rows, slices.
  Masks::VoxelGrid MakeGrid(const Volume::SourceSeries& series);

  // A NIfTI-1 file, written field by field: uint8 voxels [slice, row, column], the affine as sform. `edit` has the last
  // word on the header.
  std::string MakeNifti(const Masks::VoxelGrid& grid, const std::vector<std::uint8_t>& voxels,
                        const std::function<void(nifti_1_header&)>& edit = nullptr);

  std::string Gzip(const std::string& bytes);
}
