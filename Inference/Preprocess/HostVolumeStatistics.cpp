// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/HostVolumeStatistics.h"

#include "Inference/Preprocess/FloatOrder.h"

#include <algorithm>
#include <bit>

namespace H3K27M::Preprocess
{
  namespace
  {
    // One row of pixels to the sums of the blocks that it crosses.
    void AddLine(const float* values, const BlockGrid& grid, std::vector<float>& sums)
    {
      for (int column = 0; column < grid.columns; ++column)
      {
        sums[static_cast<std::size_t>(column)] += SumBlockRow(values, grid, column);
      }
    }
  }

  std::vector<std::size_t> HostVolumeStatistics::CountUpperHalves() const
  {
    std::vector<std::size_t> counts(HALVES, 0);
    for (const float value : voxels_)
    {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      if (IsFinite(bits))
      {
        ++counts[ToOrder(bits) >> 16];
      }
    }
    return counts;
  }

  std::vector<std::size_t> HostVolumeStatistics::CountLowerHalves(std::uint32_t upper) const
  {
    std::vector<std::size_t> counts(HALVES, 0);
    for (const float value : voxels_)
    {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      const std::uint32_t ordered = ToOrder(bits);
      if (ordered >> 16 == upper && IsFinite(bits))
      {
        ++counts[ordered & 0xFFFFU];
      }
    }
    return counts;
  }

  std::vector<std::uint8_t> HostVolumeStatistics::AverageBlocks(const BlockGrid& grid) const
  {
    const auto sliceSize = static_cast<std::size_t>(grid.nativeRows) * static_cast<std::size_t>(grid.nativeColumns);
    const std::size_t slices = voxels_.size() / sliceSize;
    std::vector<std::uint8_t> levels;
    levels.reserve(slices * static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns));
    std::vector<float> sums(static_cast<std::size_t>(grid.columns));
    for (std::size_t slice = 0; slice < slices; ++slice)
    {
      const float* const pixels = voxels_.data() + slice * sliceSize;
      for (int row = 0; row < grid.rows; ++row)
      {
        std::fill(sums.begin(), sums.end(), 0.0f);
        const int end = SmallerOf(grid.nativeRows, (row + 1) * grid.side);
        for (int line = row * grid.side; line < end; ++line)
        {
          AddLine(pixels + static_cast<std::ptrdiff_t>(line) * grid.nativeColumns, grid, sums);
        }
        for (int column = 0; column < grid.columns; ++column)
        {
          levels.push_back(GetBlockLevel(sums[static_cast<std::size_t>(column)], grid, row, column));
        }
      }
    }
    return levels;
  }
}
