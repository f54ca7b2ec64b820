// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/NiftiGrid.h"

#include <cmath>
#include <sstream>

namespace H3K27M::Preprocess
{
  namespace
  {
    // Between voxels of the same index: along the axis on which it is most, and the distance.
    struct Shift
    {
      double voxels = 0;
      double mm = 0;
    };

    // How far the eight corner voxels of one grid lie from those of another.
    Shift MeasureShift(const NiftiGrid::Affine& from, const NiftiGrid::Affine& to, const NiftiGrid& grid)
    {
      Shift worst;
      for (unsigned corner = 0; corner < 8; ++corner)
      {
        std::array<double, 4> index{0, 0, 0, 1};
        for (std::size_t axis = 0; axis < 3; ++axis)
        {
          const bool isFar = (corner >> axis & 1U) != 0;
          index[static_cast<std::size_t>(grid.fileAxis[axis])] = isFar ? static_cast<double>(grid.size[axis] - 1) : 0;
        }
        std::array<double, 3> offset{};
        for (std::size_t row = 0; row < 3; ++row)
        {
          for (std::size_t column = 0; column < 4; ++column)
          {
            offset[row] += (from[row][column] - to[row][column]) * index[column];
          }
        }
        for (std::size_t axis = 0; axis < 3; ++axis)
        {
          const double along = offset[0] * to[0][axis] + offset[1] * to[1][axis] + offset[2] * to[2][axis];
          const double square = to[0][axis] * to[0][axis] + to[1][axis] * to[1][axis] + to[2][axis] * to[2][axis];
          const double voxels = std::fabs(along) / square;
          if (!(voxels <= worst.voxels))  // what is no number counts as far
          {
            worst = {voxels, std::hypot(offset[0], offset[1], offset[2])};
          }
        }
      }
      return worst;
    }
  }

  std::size_t NiftiGrid::GetFileIndex(std::size_t column, std::size_t row, std::size_t slice) const noexcept
  {
    const std::array<std::size_t, 3> position{column, row, slice};
    std::array<std::size_t, 3> filePosition{};
    std::array<std::size_t, 3> fileSize{};
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      const auto target = static_cast<std::size_t>(fileAxis[axis]);
      fileSize[target] = size[axis];
      filePosition[target] = isReversed[axis] ? size[axis] - 1 - position[axis] : position[axis];
    }
    return (filePosition[2] * fileSize[1] + filePosition[1]) * fileSize[0] + filePosition[0];
  }

  std::string NiftiGrid::DescribeDifference(const NiftiGrid& other) const
  {
    const auto Triple = [](const auto& values)
    {
      std::ostringstream text;
      text << values[0] << " x " << values[1] << " x " << values[2];
      return text.str();
    };
    if (size != other.size)
    {
      return "it has " + Triple(size) + " voxels, not " + Triple(other.size);
    }
    if (fileAxis != other.fileAxis || isReversed != other.isReversed)
    {
      return "its axes run another way";
    }
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      const double spacing = other.spacingMm[axis];
      const double difference = std::fabs(spacingMm[axis] - spacing) * static_cast<double>(size[axis]);
      if (!(difference <= TOLERANCE_VOXELS * spacing))
      {
        return "its voxels are " + Triple(spacingMm) + " mm, not " + Triple(other.spacingMm) + " mm";
      }
    }
    std::ostringstream text;
    if (const Shift shift = affine && other.affine ? MeasureShift(*affine, *other.affine, *this) : Shift();
        !(shift.voxels <= TOLERANCE_VOXELS))
    {
      text << "its voxels lie up to " << shift.mm << " mm from those of the same index";
    }
    return text.str();
  }
}
