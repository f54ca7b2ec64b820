// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/SquareWindow.h"

#include <algorithm>

namespace H3K27M::Preprocess
{
  namespace
  {
    AxisMap MakeAxis(double centre, double sideMm, double spacingMm, std::size_t nativeSize, std::size_t inputSize)
    {
      AxisMap axis;
      axis.begin = centre - sideMm / spacingMm / 2;
      axis.step = sideMm / spacingMm / static_cast<double>(inputSize);
      axis.nativeSize = static_cast<int>(nativeSize);
      axis.gridSize = static_cast<int>(inputSize);
      return axis;
    }
  }

  SquareWindow SquareWindow::AroundHead(const VolumeView& volume, const HeadBox& head, std::size_t inputSize)
  {
    SquareWindow window;
    window.sideMm = std::max((head.rowEnd - head.rowBegin) * volume.pixelSpacingMm[0],
                             (head.columnEnd - head.columnBegin) * volume.pixelSpacingMm[1]);
    window.row =
      MakeAxis((head.rowBegin + head.rowEnd) / 2, window.sideMm, volume.pixelSpacingMm[0], volume.rows, inputSize);
    window.column = MakeAxis((head.columnBegin + head.columnEnd) / 2, window.sideMm, volume.pixelSpacingMm[1],
                             volume.columns, inputSize);
    return window;
  }

  SquareWindow SquareWindow::Centred(const VolumeView& volume, std::size_t inputSize)
  {
    SquareWindow window;
    const auto rows = static_cast<double>(volume.rows);
    const auto columns = static_cast<double>(volume.columns);
    window.sideMm = std::min(rows * volume.pixelSpacingMm[0], columns * volume.pixelSpacingMm[1]);
    window.row = MakeAxis(rows / 2, window.sideMm, volume.pixelSpacingMm[0], volume.rows, inputSize);
    window.column = MakeAxis(columns / 2, window.sideMm, volume.pixelSpacingMm[1], volume.columns, inputSize);
    return window;
  }
}
