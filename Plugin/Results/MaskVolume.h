// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Results
{
  // Mask on the grid of the source series: [slice, row, column] uint8, slices along the normal, lowest first. 0 is
  // background, 1 tumour of an altered case, 2 tumour of a wild-type case. Only slices that hold tumour are stored, so
  // a study costs rows x columns bytes per tumour slice. Not thread-safe.
  class MaskVolume
  {
  public:
    // Throws BadInput when an extent is 0 or rows or columns exceed 65535 (US attributes).
    MaskVolume(std::size_t slices, std::uint32_t rows, std::uint32_t columns);

    explicit MaskVolume(const Volume::SourceSeries& source);

    std::size_t GetSliceCount() const noexcept
    {
      return sliceCount_;
    }

    std::uint32_t GetRows() const noexcept
    {
      return rows_;
    }

    std::uint32_t GetColumns() const noexcept
    {
      return columns_;
    }

    // Copies a band of whole rows of one slice (frame `mask` of the engine): [rowCount, columns] uint8, row-major.
    // Throws BadInput when the band does not lie inside the slice or a value is none of 0, 1, 2.
    void SetBand(std::size_t slice, std::uint32_t firstRow, std::uint32_t rowCount, const std::uint8_t* values);

    // Whole slice: [rows, columns].
    void SetSlice(std::size_t slice, const std::vector<std::uint8_t>& values);

    bool IsEmpty() const;  // no voxel above 0 anywhere

    std::vector<std::size_t> GetTumourSlices() const;  // ascending; slices with at least one voxel above 0

    // [rows, columns] of a slice, or nullptr when nothing was stored for it (all background). Valid until the next Set.
    const std::uint8_t* GetSlice(std::size_t slice) const;

    std::uint64_t CountVoxels() const;  // voxels above 0

    std::uint64_t CountVoxels(std::size_t slice) const;

    // Slice that holds most tumour, the lowest of several; throws NotFound in an empty mask.
    std::size_t GetLargestSlice() const;

  private:
    std::size_t sliceCount_;
    std::uint32_t rows_;
    std::uint32_t columns_;
    std::map<std::size_t, std::vector<std::uint8_t>> stored_;
  };

  // mm3 = voxels x pixel area x slice spacing (a single slice without a spacing: x slice thickness). The volume of
  // missing slices is not guessed. Throws BadInput when mask and series have different extents, or no spacing is known.
  double ComputeVolumeMm3(const MaskVolume& mask, const Volume::SourceSeries& source);

  // Throws BadInput when mask and series differ in slices, rows or columns.
  void RequireSameGrid(const MaskVolume& mask, const Volume::SourceSeries& source);
}
