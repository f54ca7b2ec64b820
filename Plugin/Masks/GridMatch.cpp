// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/GridMatch.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/NumberText.h"
#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>
#include <string>

namespace H3K27M::Masks
{
  namespace
  {
    using Volume::Vector;

    struct Arrangement
    {
      std::array<std::size_t, 3> fileAxis{0, 1, 2};
      std::array<bool, 3> isReversed{};
      VoxelGrid grid;  // the file's, in the order of the series: columns, rows, slices
    };

    double Cosine(const Vector& a, const Vector& b)
    {
      return Volume::Dot(a, b) / (Volume::Length(a) * Volume::Length(b));
    }

    // The order of the file's axes that runs most alike the series'.
    Arrangement Arrange(const VoxelGrid& file, const std::array<Vector, 3>& wanted)
    {
      Arrangement best;
      double bestAlikeness = -1;
      std::array<std::size_t, 3> order{0, 1, 2};
      do
      {
        double alikeness = 0;
        for (std::size_t axis = 0; axis < 3; axis++)
        {
          alikeness += std::abs(Cosine(file.steps[order[axis]], wanted[axis]));
        }
        if (alikeness > bestAlikeness + 1e-9)
        {
          bestAlikeness = alikeness;
          best.fileAxis = order;
        }
      } while (std::next_permutation(order.begin(), order.end()));

      best.grid.origin = file.origin;
      for (std::size_t axis = 0; axis < 3; axis++)
      {
        const std::size_t from = best.fileAxis[axis];
        best.isReversed[axis] = Cosine(file.steps[from], wanted[axis]) < 0;
        best.grid.sizes[axis] = file.sizes[from];
        best.grid.steps[axis] = Volume::Scale(file.steps[from], best.isReversed[axis] ? -1 : 1);
        if (best.isReversed[axis])
        {
          const auto last = static_cast<double>(file.sizes[from] - 1);
          best.grid.origin = Volume::Add(best.grid.origin, Volume::Scale(file.steps[from], last));
        }
      }
      return best;
    }

    template <typename Values>
    std::string Triple(const Values& values)
    {
      return values[0] + " x " + values[1] + " x " + values[2];
    }

    // The greatest distance between a voxel of the series and the file's voxel of the same index, over the corners of
    // all slices.
    struct Deviation
    {
      double voxels = 0;  // along the worst axis
      Vector mm{};        // from the series to the file
    };

    // How long `offset` is in voxels, along the axis on which it is longest.
    double CountVoxels(const Vector& offset, const std::array<Vector, 3>& steps)
    {
      double most = 0;
      for (const Vector& step : steps)
      {
        const double voxels = std::abs(Volume::Dot(offset, step)) / Volume::Dot(step, step);
        most = voxels <= most ? most : voxels;  // what is no number stays
      }
      return most;
    }

    Deviation Measure(const VoxelGrid& grid, const Volume::SliceGrid& series, const Volume::SourceSeries& source,
                      const std::array<Vector, 3>& wanted)
    {
      Deviation worst;
      const double right = source.columns - 1.0;
      const double bottom = source.rows - 1.0;
      using Corner = std::array<double, 2>;  // column, row
      for (std::size_t slice = 0; slice < source.slices.size(); slice++)
      {
        for (const auto& [column, row] : {Corner{0, 0}, Corner{0, bottom}, Corner{right, 0}, Corner{right, bottom}})
        {
          const Vector there =
            Volume::Add(Volume::Add(grid.origin, Volume::Scale(grid.steps[0], column)),
                        Volume::Add(Volume::Scale(grid.steps[1], row),
                                    Volume::Scale(grid.steps[2], static_cast<double>(series.GetPlace(slice)))));
          const Vector offset = Volume::Subtract(there, series.GetCentre(column, row, slice));
          const double voxels = CountVoxels(offset, wanted);
          if (!(voxels <= worst.voxels))
          {
            worst = {voxels, offset};
          }
        }
      }
      return worst;
    }

    std::string Explain(const VoxelGrid& file, const std::array<std::size_t, 3>& sizes,
                        const std::array<Vector, 3>& wanted, const Deviation& deviation)
    {
      std::array<std::string, 3> fileSizes;
      std::array<std::string, 3> seriesSizes;
      std::array<std::string, 3> fileSpacings;
      std::array<std::string, 3> seriesSpacings;
      double angle = 0;
      for (std::size_t axis = 0; axis < 3; axis++)
      {
        fileSizes[axis] = std::to_string(file.sizes[axis]);
        seriesSizes[axis] = std::to_string(sizes[axis]);
        fileSpacings[axis] = Support::ToShortText(Volume::Length(file.steps[axis]));
        seriesSpacings[axis] = Support::ToShortText(Volume::Length(wanted[axis]));
        angle = std::max(angle, Volume::AngleDegrees(file.steps[axis], wanted[axis]));
      }
      std::string text = "The mask lies on another grid than the series (columns x rows x slices)";
      if (fileSizes != seriesSizes)
      {
        text += ": it has " + Triple(fileSizes) + " voxels, the series " + Triple(seriesSizes);
      }
      if (fileSpacings != seriesSpacings)
      {
        text += ": its voxels are " + Triple(fileSpacings) + " mm, the series' " + Triple(seriesSpacings) + " mm";
      }
      text += ": it is turned by " + Support::ToShortText(angle) + " degrees, and its voxels lie up to " +
              Support::ToShortText(Volume::Length(deviation.mm)) + " mm (left " +
              Support::ToShortText(deviation.mm[0]) + ", posterior " + Support::ToShortText(deviation.mm[1]) +
              ", superior " + Support::ToShortText(deviation.mm[2]) + ") from those of the same index";
      return text;
    }
  }

  GridMatch GridMatch::Find(const VoxelGrid& file, const Volume::SourceSeries& series)
  {
    for (std::size_t axis = 0; axis < 3; axis++)
    {
      if (file.sizes[axis] == 0 || !(Volume::Length(file.steps[axis]) > 0) || !std::isfinite(file.origin[axis]) ||
          !std::isfinite(Volume::Length(file.steps[axis])))
      {
        throw Error(ErrorCode::BadInput,
                    "The mask's own grid is degenerate: an axis of no length, or no finite position");
      }
    }

    const Volume::SliceGrid grid(series);
    const std::array<Vector, 3> wanted = {grid.GetColumnStep(), grid.GetRowStep(), grid.GetSliceStep()};
    const Arrangement arranged = Arrange(file, wanted);
    const std::array<std::size_t, 3> sizes = {series.columns, series.rows, grid.CountPlaces()};
    const Deviation deviation = Measure(arranged.grid, grid, series, wanted);
    if (arranged.grid.sizes != sizes || !(deviation.voxels <= TOLERANCE_VOXELS))
    {
      throw Error(ErrorCode::BadInput, Explain(arranged.grid, sizes, wanted, deviation));
    }

    GridMatch match;
    match.fileAxis_ = arranged.fileAxis;
    match.isReversed_ = arranged.isReversed;
    match.sizes_ = sizes;
    return match;
  }

  std::size_t GridMatch::GetFileIndex(std::size_t column, std::size_t row, std::size_t place) const noexcept
  {
    const std::array<std::size_t, 3> position{column, row, place};
    std::array<std::size_t, 3> filePosition{};
    std::array<std::size_t, 3> fileSize{};
    for (std::size_t axis = 0; axis < 3; axis++)
    {
      fileSize[fileAxis_[axis]] = sizes_[axis];
      filePosition[fileAxis_[axis]] = isReversed_[axis] ? sizes_[axis] - 1 - position[axis] : position[axis];
    }
    return (filePosition[2] * fileSize[1] + filePosition[1]) * fileSize[0] + filePosition[0];
  }
}
