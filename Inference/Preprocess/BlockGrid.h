// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/PixelArithmetic.h"

#include <cmath>

// Slices cut into blocks of side x side pixels, those at the border smaller; see GridArithmetic.h.
namespace H3K27M::Preprocess
{
  struct BlockGrid
  {
    int side = 1;
    int nativeRows = 0;
    int nativeColumns = 0;
    int rows = 0;     // of blocks
    int columns = 0;  // of blocks
    float low = 0;    // value that becomes 0
    float scale = 1;  // 1 / (value that becomes 1 - low)
  };

  constexpr int BLOCK_LEVELS = 256;

  H3K27M_HOST_DEVICE inline int SmallerOf(int a, int b)
  {
    return a < b ? a : b;
  }

  // The sum over one row of pixels of a block, 0..1 each; `line` [column] of the whole slice.
  H3K27M_HOST_DEVICE inline float SumBlockRow(const float* line, const BlockGrid& grid, int block)
  {
    const int end = SmallerOf(grid.nativeColumns, (block + 1) * grid.side);
    float sum = 0;
    for (int column = block * grid.side; column < end; ++column)
    {
      sum += ToUnitRange(line[column], grid.low, grid.scale);
    }
    return sum;
  }

  // The mean of a block as one of 256 levels; `sum` over all of its pixels.
  H3K27M_HOST_DEVICE inline unsigned char GetBlockLevel(float sum, const BlockGrid& grid, int row, int column)
  {
    const int height = SmallerOf(grid.nativeRows, (row + 1) * grid.side) - row * grid.side;
    const int width = SmallerOf(grid.nativeColumns, (column + 1) * grid.side) - column * grid.side;
    const float mean = sum / (static_cast<float>(height) * static_cast<float>(width));
    return static_cast<unsigned char>(lroundf(mean * (BLOCK_LEVELS - 1)));
  }
}
