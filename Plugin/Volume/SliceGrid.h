// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Vectors.h"

#include <cstddef>
#include <vector>

namespace H3K27M::Volume
{
  struct SourceSeries;

  // A point seen from one slice. Columns and rows are counted from the centre of the first pixel, fractions included.
  struct PointInSlice
  {
    double column = 0;
    double row = 0;
    double offPlaneMm = 0;  // along the normal, signed
  };

  // The voxel grid of a series in patient space: where each voxel lies (PS3.3 C.7.6.2.1.1), and back. Every slice keeps
  // its own position, so gaps and rounded positions are what they are. Own copy of the geometry; immutable.
  class SliceGrid
  {
  public:
    // The series must have at least one slice, as VolumeAssembler sees to it.
    explicit SliceGrid(const SourceSeries& series);

    // From one voxel to its neighbour. Slices: the mean over the whole stack, missing ones counted.
    const Vector& GetColumnStep() const noexcept
    {
      return columnStep_;
    }

    const Vector& GetRowStep() const noexcept
    {
      return rowStep_;
    }

    const Vector& GetSliceStep() const noexcept
    {
      return sliceStep_;
    }

    // Where a slice stands in the stack without gaps: slice 3 after a gap of two is number 5.
    std::size_t GetPlace(std::size_t slice) const
    {
      return places_.at(slice);
    }

    std::size_t CountPlaces() const noexcept
    {
      return places_.back() + 1;
    }

    Vector GetCentre(double column, double row, std::size_t slice) const;

    PointInSlice Locate(const Vector& point, std::size_t slice) const;

    // The slice whose plane is nearest to the point.
    std::size_t FindNearestSlice(const Vector& point) const;

  private:
    std::vector<Vector> positions_;    // of each slice's first pixel
    std::vector<std::size_t> places_;  // ascending
    Vector columnStep_;
    Vector rowStep_;
    Vector sliceStep_;
    Vector normal_;  // of length 1
  };
}
