// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/LabelChoice.h"
#include "Plugin/Results/MaskVolume.h"

#include <string_view>

namespace H3K27M::Masks
{
  // A mask from a NIfTI-1 file (.nii, .nii.gz) on the grid of the series: its affine (the sform, else the qform) is
  // compared with the series' own positions, axes are exchanged and reversed where that is all that differs, and no
  // value is interpolated. Voxels are whole numbers, 0 is background, others are labels. The header is judged before
  // the voxels are inflated or memory is taken for them. Throws Error(BadInput) with the difference in voxels, mm and
  // degrees on another grid, and when the file is no NIfTI of one volume or marks voxels on slices that the series
  // lacks.
  Results::MaskVolume ReadNiftiMask(std::string_view file, const Volume::SourceSeries& series,
                                    const LabelChoice& choice);

  // Whether the bytes begin like a NIfTI file that is not compressed.
  bool IsNifti(std::string_view file) noexcept;
}
