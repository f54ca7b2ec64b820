// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/SliceGrid.h"

#include "Plugin/Volume/SourceSeries.h"

namespace H3K27M::Volume
{
  SliceGrid::SliceGrid(const SourceSeries& series)
  {
    const std::array<double, 6>& cosines = series.imageOrientationPatient;
    columnStep_ = Scale({cosines[0], cosines[1], cosines[2]}, series.pixelSpacingMm[1]);
    rowStep_ = Scale({cosines[3], cosines[4], cosines[5]}, series.pixelSpacingMm[0]);
    normal_ = Cross(columnStep_, rowStep_);
    normal_ = Scale(normal_, 1 / Length(normal_));

    positions_.reserve(series.slices.size());
    places_.reserve(series.slices.size());
    std::size_t place = 0;
    for (std::size_t slice = 0; slice < series.slices.size(); slice++)
    {
      positions_.push_back(series.slices[slice].imagePositionPatient);
      places_.push_back(place++);
      for (const SliceGap& gap : series.gaps)
      {
        place += gap.afterSlice == slice ? gap.missingSlices : 0;
      }
    }
    sliceStep_ = positions_.size() > 1
                   ? Scale(Subtract(positions_.back(), positions_.front()), 1 / static_cast<double>(places_.back()))
                   : Scale(normal_, series.sliceSpacingMm);
  }

  Vector SliceGrid::GetCentre(double column, double row, std::size_t slice) const
  {
    return Add(positions_.at(slice), Add(Scale(columnStep_, column), Scale(rowStep_, row)));
  }

  PointInSlice SliceGrid::Locate(const Vector& point, std::size_t slice) const
  {
    const Vector offset = Subtract(point, positions_.at(slice));
    return {Dot(offset, columnStep_) / Dot(columnStep_, columnStep_), Dot(offset, rowStep_) / Dot(rowStep_, rowStep_),
            Dot(offset, normal_)};
  }

  std::size_t SliceGrid::FindNearestSlice(const Vector& point) const
  {
    std::size_t nearest = 0;
    for (std::size_t slice = 1; slice < positions_.size(); slice++)
    {
      const auto distance = [&](std::size_t i) { return std::abs(Dot(Subtract(point, positions_[i]), normal_)); };
      nearest = distance(slice) < distance(nearest) ? slice : nearest;
    }
    return nearest;
  }
}
