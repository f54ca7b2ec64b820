// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Vectors.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace H3K27M::Datasets
{
  // A volume for a NIfTI-1 file, on the voxels as they were acquired: nothing is turned or resampled.
  struct NiftiImage
  {
    enum class Type
    {
      U8,
      I16,
      U16,
      F32
    };

    Type type = Type::I16;
    double slope = 1;  // value = stored * slope + intercept
    double intercept = 0;
    std::array<std::size_t, 3> sizes{};  // columns, rows, slices
    // In DICOM's patient space (LPS, mm): to the next column, row, slice, and the centre of the first voxel.
    std::array<Volume::Vector, 3> steps{};
    Volume::Vector origin{};
    std::string voxels;  // little endian, columns fastest
  };

  // Writes FILE.nii.gz: sform and qform alike (code 1, scanner), mm, equal bytes for equal images. Throws
  // Error(BadInput) when an extent is 0 or above 32767 (the header has 16 bits), Error(Internal) when the voxels do not
  // fit the sizes, Error(Unavailable) when the disk is full.
  void WriteNifti(const std::filesystem::path& path, const NiftiImage& image);
}
