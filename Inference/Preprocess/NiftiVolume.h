// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/NiftiGrid.h"
#include "Inference/Preprocess/VolumeView.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace H3K27M::Preprocess
{
  // A volume from a NIfTI file (.nii, .nii.gz), turned to VolumeView's orientation by exchanging and reversing axes:
  // values are never interpolated, and a mask goes back to the file's own voxels. Which of the file's axes is which
  // comes from its sform, else its qform, else RAS is assumed.
  class NiftiVolume
  {
  public:
    // Reads one volume (the first of a 4-D file is refused: which one is meant is not ours to guess).
    // Sizes are checked before voxels are read. Throws Error(NotFound, BadInput or Corrupt) with the file's name.
    static NiftiVolume Read(const std::filesystem::path& path);

    // The same for a file of labels (values are rounded; beyond 0..255 is an Error). Its grid must be that of
    // `sameGridAs` to a tenth of a voxel at each corner, or Error(BadInput) tells the difference; where one of the two
    // states no position (neither sform nor qform), to that over the whole of each axis.
    static std::vector<std::uint8_t> ReadLabels(const std::filesystem::path& path, const NiftiVolume& sameGridAs);

    // `geometry.voxels` may be empty. The file's axes are left, posterior, superior (LPS); `firstPositionMm` is the
    // centre of voxel (0, 0, 0) in LPS.
    struct NewFile
    {
      VolumeView geometry;
      std::array<double, 3> firstPositionMm{};
    };
    static void Write(const std::filesystem::path& path, const NewFile& file, std::span<const std::uint16_t> voxels);
    static void Write(const std::filesystem::path& path, const NewFile& file, std::span<const std::uint8_t> labels);

    // Writes `labels` [slice, row, column] on the voxels of the file that this volume was read from.
    void WriteLabels(const std::filesystem::path& path, std::span<const std::uint8_t> labels) const;

    // Valid as long as this object lives.
    VolumeView GetView() const noexcept;

  private:
    NiftiVolume() = default;

    std::filesystem::path path_;
    NiftiGrid grid_;
    std::vector<float> voxels_;
  };
}
