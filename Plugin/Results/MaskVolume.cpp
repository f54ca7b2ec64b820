// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/MaskVolume.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>
#include <limits>
#include <string>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::uint8_t HIGHEST_CLASS = 2;

    std::uint64_t CountAboveZero(const std::vector<std::uint8_t>& values)
    {
      return static_cast<std::uint64_t>(
        std::count_if(values.begin(), values.end(), [](std::uint8_t value) { return value != 0; }));
    }
  }

  MaskVolume::MaskVolume(std::size_t slices, std::uint32_t rows, std::uint32_t columns) :
    sliceCount_(slices),
    rows_(rows),
    columns_(columns)
  {
    constexpr std::uint32_t LIMIT = std::numeric_limits<std::uint16_t>::max();
    if (slices == 0 || rows == 0 || columns == 0 || rows > LIMIT || columns > LIMIT)
    {
      throw Error(ErrorCode::BadInput, "A mask needs 1 to 65535 rows and columns and at least one slice");
    }
  }

  MaskVolume::MaskVolume(const Volume::SourceSeries& source) :
    MaskVolume(source.slices.size(), source.rows, source.columns)
  {
  }

  void MaskVolume::SetBand(std::size_t slice, std::uint32_t firstRow, std::uint32_t rowCount,
                           const std::uint8_t* values)
  {
    if (slice >= sliceCount_ || firstRow > rows_ || rowCount > rows_ - firstRow)
    {
      throw Error(ErrorCode::BadInput, "A band of the mask lies outside the volume: slice " + std::to_string(slice) +
                                         ", rows " + std::to_string(firstRow) + " + " + std::to_string(rowCount));
    }

    const std::size_t size = static_cast<std::size_t>(rowCount) * columns_;
    if (std::any_of(values, values + size, [](std::uint8_t value) { return value > HIGHEST_CLASS; }))
    {
      throw Error(ErrorCode::BadInput, "The mask of slice " + std::to_string(slice) + " holds a value beyond 0, 1, 2");
    }

    std::vector<std::uint8_t>& stored = stored_[slice];
    stored.resize(static_cast<std::size_t>(rows_) * columns_, 0);
    std::copy(values, values + size, stored.begin() + static_cast<std::ptrdiff_t>(firstRow) * columns_);
  }

  void MaskVolume::SetSlice(std::size_t slice, const std::vector<std::uint8_t>& values)
  {
    if (values.size() != static_cast<std::size_t>(rows_) * columns_)
    {
      throw Error(ErrorCode::BadInput, "A mask slice has " + std::to_string(values.size()) + " voxels instead of " +
                                         std::to_string(rows_) + " x " + std::to_string(columns_));
    }
    SetBand(slice, 0, rows_, values.data());
  }

  bool MaskVolume::IsEmpty() const
  {
    return CountVoxels() == 0;
  }

  std::vector<std::size_t> MaskVolume::GetTumourSlices() const
  {
    std::vector<std::size_t> slices;
    for (const auto& [slice, values] : stored_)
    {
      if (CountAboveZero(values) != 0)
      {
        slices.push_back(slice);
      }
    }
    return slices;
  }

  const std::uint8_t* MaskVolume::GetSlice(std::size_t slice) const
  {
    const auto found = stored_.find(slice);
    return found == stored_.end() ? nullptr : found->second.data();
  }

  std::uint64_t MaskVolume::CountVoxels() const
  {
    std::uint64_t count = 0;
    for (const auto& [slice, values] : stored_)
    {
      count += CountAboveZero(values);
    }
    return count;
  }

  std::uint64_t MaskVolume::CountVoxels(std::size_t slice) const
  {
    const auto found = stored_.find(slice);
    return found == stored_.end() ? 0 : CountAboveZero(found->second);
  }

  std::size_t MaskVolume::GetLargestSlice() const
  {
    std::size_t largest = 0;
    std::uint64_t most = 0;
    for (const auto& [slice, values] : stored_)
    {
      const std::uint64_t count = CountAboveZero(values);
      if (count > most)
      {
        most = count;
        largest = slice;
      }
    }
    if (most == 0)
    {
      throw Error(ErrorCode::NotFound, "The mask is empty");
    }
    return largest;
  }

  double ComputeVolumeMm3(const MaskVolume& mask, const Volume::SourceSeries& source)
  {
    RequireSameGrid(mask, source);
    const double spacingMm = source.sliceSpacingMm > 0 ? source.sliceSpacingMm : source.sliceThicknessMm;
    if (!(spacingMm > 0) || !(source.pixelSpacingMm[0] > 0) || !(source.pixelSpacingMm[1] > 0))
    {
      throw Error(ErrorCode::BadInput, "The volume of a mask needs the spacing of pixels and slices");
    }
    return static_cast<double>(mask.CountVoxels()) * source.pixelSpacingMm[0] * source.pixelSpacingMm[1] * spacingMm;
  }

  void RequireSameGrid(const MaskVolume& mask, const Volume::SourceSeries& source)
  {
    if (mask.GetSliceCount() != source.slices.size() || mask.GetRows() != source.rows ||
        mask.GetColumns() != source.columns)
    {
      throw Error(ErrorCode::BadInput, "The mask does not lie on the grid of the source series");
    }
  }
}
