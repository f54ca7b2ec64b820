// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <algorithm>
#include <cstdint>

namespace H3K27M::Preprocess
{
  SyntheticVolume::SyntheticVolume(std::size_t slices, std::size_t rows, std::size_t columns, double rowSpacingMm,
                                   double columnSpacingMm) :
    voxels(slices * rows * columns)
  {
    geometry.slices = slices;
    geometry.rows = rows;
    geometry.columns = columns;
    geometry.pixelSpacingMm = {rowSpacingMm, columnSpacingMm};
    geometry.sliceSpacingMm = 5;
    const double halfHeight = std::min(95.0, 0.45 * static_cast<double>(rows) * rowSpacingMm);
    const double halfWidth = std::min(75.0, 0.45 * static_cast<double>(columns) * columnSpacingMm);
    std::uint32_t state = 12345;
    for (std::size_t slice = 0; slice < slices; ++slice)
    {
      for (std::size_t row = 0; row < rows; ++row)
      {
        const double y = (static_cast<double>(row) + 0.5 - static_cast<double>(rows) / 2) * rowSpacingMm / halfHeight;
        for (std::size_t column = 0; column < columns; ++column)
        {
          const double x =
            (static_cast<double>(column) + 0.5 - static_cast<double>(columns) / 2) * columnSpacingMm / halfWidth;
          const double radius = x * x + y * y;
          state = state * 1664525U + 1013904223U;
          const auto noise = static_cast<float>(state >> 28);
          At(slice, row, column) = (radius < 0.25 ? 700.0f : (radius < 1 ? 400.0f : 5.0f)) + noise;
        }
      }
    }
  }

  float& SyntheticVolume::At(std::size_t slice, std::size_t row, std::size_t column)
  {
    return voxels[(slice * geometry.rows + row) * geometry.columns + column];
  }

  VolumeView SyntheticVolume::GetView() const
  {
    VolumeView view = geometry;
    view.voxels = voxels;
    return view;
  }
}
