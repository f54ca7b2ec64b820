// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/GridArithmetic.h"

#include <cfloat>

// The values of single pixels, both ways; see GridArithmetic.h.
namespace H3K27M::Preprocess
{
  // (value - low) * scale, clamped to 0..1; what is not finite counts as background: an infinity is a fault of the
  // file, not the brightest tissue.
  H3K27M_HOST_DEVICE inline float ToUnitRange(float value, float low, float scale)
  {
    const float scaled = (value - low) * scale;
    return scaled > 0.0f && value <= FLT_MAX ? (scaled < 1.0f ? scaled : 1.0f) : 0.0f;
  }

  // One native slice and where the window lies in it.
  struct NativeSlice
  {
    const float* voxels;  // [row, column]
    AxisMap row;
    AxisMap column;
    float low;
    float scale;
  };

  // The value 0..1 of one pixel of the network's grid: what the CUDA kernel computes per thread, and what the CPU's
  // separable loops (SliceTensor) must equal.
  H3K27M_HOST_DEVICE inline float SamplePixel(const NativeSlice& slice, int rowIndex, int columnIndex)
  {
    const AxisTaps rows = GetTaps(slice.row, rowIndex);
    const AxisTaps columns = GetTaps(slice.column, columnIndex);
    float value = 0;
    for (int row = rows.first; row < rows.first + rows.count; ++row)
    {
      const float* line = slice.voxels + static_cast<long long>(row) * slice.column.nativeSize;
      float sum = 0;
      for (int column = columns.first; column < columns.first + columns.count; ++column)
      {
        sum += GetTapWeight(slice.column, columns, column) * ToUnitRange(line[column], slice.low, slice.scale);
      }
      value += GetTapWeight(slice.row, rows, row) * sum;
    }
    return value;
  }

  // Interpolates `plane` [grid row, grid column] at a point inside the window.
  H3K27M_HOST_DEVICE inline float InterpolatePlane(const float* plane, int gridSize, const GridTap& row,
                                                   const GridTap& column)
  {
    const float* upper = plane + static_cast<long long>(row.below) * gridSize;
    const float* lower = plane + static_cast<long long>(row.above) * gridSize;
    const float a = upper[column.below] + (upper[column.above] - upper[column.below]) * column.share;
    const float b = lower[column.below] + (lower[column.above] - lower[column.below]) * column.share;
    return a + (b - a) * row.share;
  }

  // Interpolates the three planes of `logits` [3, grid row, grid column] and returns the class with the greatest
  // value; the lower class on a tie.
  H3K27M_HOST_DEVICE inline unsigned char GetClassAt(const float* logits, int gridSize, const GridTap& row,
                                                     const GridTap& column)
  {
    unsigned char best = 0;
    float bestValue = 0;
    for (int channel = 0; channel < 3; ++channel)
    {
      const float value =
        InterpolatePlane(logits + static_cast<long long>(channel) * gridSize * gridSize, gridSize, row, column);
      if (channel == 0 || value > bestValue)
      {
        best = static_cast<unsigned char>(channel);
        bestValue = value;
      }
    }
    return best;
  }
}
