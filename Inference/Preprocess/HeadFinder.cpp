// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/HeadFinder.h"

#include "Inference/Preprocess/BlockGrid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace H3K27M::Preprocess
{
  namespace
  {
    constexpr std::size_t BLOCKS_PER_SIDE = 96;  // at least; finer does not move the box by a visible amount
    constexpr std::size_t LEVELS = BLOCK_LEVELS;
    constexpr double MASS_OUTSIDE_EACH_SIDE = 0.002;
    constexpr double MARGIN_MM = 5;
    constexpr double LEAST_SHARE_OF_LARGEST_SLICE = 0.05;

    BlockGrid MakeBlocks(const VolumeView& volume, const IntensityRange& range)
    {
      BlockGrid grid;
      const std::size_t side = std::max<std::size_t>(1, std::min(volume.rows, volume.columns) / BLOCKS_PER_SIDE);
      grid.side = static_cast<int>(side);
      grid.nativeRows = static_cast<int>(volume.rows);
      grid.nativeColumns = static_cast<int>(volume.columns);
      grid.rows = static_cast<int>((volume.rows + side - 1) / side);
      grid.columns = static_cast<int>((volume.columns + side - 1) / side);
      grid.low = range.low;
      grid.scale = 1.0f / (range.high - range.low);
      return grid;
    }

    // Otsu, IEEE Transactions on Systems, Man, and Cybernetics 1979: the level that separates two classes best. Where
    // levels between the classes are empty, all of them do equally well: the middle one is taken.
    std::size_t GetOtsuLevel(const std::vector<std::uint8_t>& levels)
    {
      std::array<double, LEVELS> histogram{};
      double total = 0;
      for (const std::uint8_t level : levels)
      {
        histogram[level] += 1;
        total += level;
      }
      const auto count = static_cast<double>(levels.size());
      double below = 0;
      double sumBelow = 0;
      double best = -1;
      std::size_t firstBest = 0;
      std::size_t lastBest = 0;
      for (std::size_t level = 0; level + 1 < LEVELS; ++level)
      {
        below += histogram[level];
        sumBelow += histogram[level] * static_cast<double>(level);
        if (below == 0 || below == count)
        {
          continue;
        }
        const double difference = sumBelow / below - (total - sumBelow) / (count - below);
        const double between = below * (count - below) * difference * difference;
        if (between > best)
        {
          best = between;
          firstBest = level;
        }
        if (between == best)
        {
          lastBest = level;
        }
      }
      return (firstBest + lastBest) / 2;
    }

    struct Interval
    {
      std::size_t begin = 0;
      std::size_t end = 0;
    };

    // The part of a profile that holds all of its mass but for the given share at each side.
    Interval TrimTails(const std::vector<std::size_t>& profile)
    {
      double total = 0;
      for (const std::size_t value : profile)
      {
        total += static_cast<double>(value);
      }
      const double allowed = total * MASS_OUTSIDE_EACH_SIDE;
      Interval interval{0, profile.size()};
      double outside = static_cast<double>(profile[interval.begin]);
      while (outside <= allowed && interval.begin + 1 < interval.end)
      {
        ++interval.begin;
        outside += static_cast<double>(profile[interval.begin]);
      }
      outside = static_cast<double>(profile[interval.end - 1]);
      while (outside <= allowed && interval.begin + 1 < interval.end)
      {
        --interval.end;
        outside += static_cast<double>(profile[interval.end - 1]);
      }
      return interval;
    }

    void SetAxis(double& begin, double& end, const Interval& blocks, std::size_t blockSide, std::size_t pixels,
                 double spacingMm)
    {
      const double margin = MARGIN_MM / spacingMm;
      begin = std::max(0.0, static_cast<double>(blocks.begin * blockSide) - margin);
      end = std::min(static_cast<double>(pixels), static_cast<double>(blocks.end * blockSide) + margin);
    }
  }

  HeadBox HeadBox::Find(const VolumeView& volume, const IntensityRange& range, const IVolumeStatistics& voxels)
  {
    const BlockGrid grid = MakeBlocks(volume, range);
    const auto side = static_cast<std::size_t>(grid.side);
    const std::vector<std::uint8_t> levels = voxels.AverageBlocks(grid);
    const std::size_t threshold = GetOtsuLevel(levels) / 2;
    std::vector<std::size_t> rowProfile(static_cast<std::size_t>(grid.rows), 0);
    std::vector<std::size_t> columnProfile(static_cast<std::size_t>(grid.columns), 0);
    std::vector<std::size_t> areas(volume.slices, 0);
    const std::uint8_t* level = levels.data();
    for (std::size_t slice = 0; slice < volume.slices; ++slice)
    {
      for (std::size_t row = 0; row < rowProfile.size(); ++row)
      {
        for (std::size_t column = 0; column < columnProfile.size(); ++column, ++level)
        {
          const std::size_t isForeground = *level > threshold ? 1 : 0;
          rowProfile[row] += isForeground;
          columnProfile[column] += isForeground;
          areas[slice] += isForeground;
        }
      }
    }

    HeadBox box;
    box.rowEnd = static_cast<double>(volume.rows);
    box.columnEnd = static_cast<double>(volume.columns);
    const std::size_t largest = *std::max_element(areas.begin(), areas.end());
    box.inSlice = std::vector<bool>(volume.slices, true);
    if (largest == 0)
    {
      return box;
    }
    box.found = true;
    SetAxis(box.rowBegin, box.rowEnd, TrimTails(rowProfile), side, volume.rows, volume.pixelSpacingMm[0]);
    SetAxis(box.columnBegin, box.columnEnd, TrimTails(columnProfile), side, volume.columns, volume.pixelSpacingMm[1]);
    for (std::size_t slice = 0; slice < volume.slices; ++slice)
    {
      box.inSlice[slice] =
        static_cast<double>(areas[slice]) >= LEAST_SHARE_OF_LARGEST_SLICE * static_cast<double>(largest);
    }
    return box;
  }
}
