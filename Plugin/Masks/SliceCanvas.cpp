// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/SliceCanvas.h"

#include <algorithm>

namespace H3K27M::Masks
{
  SliceCanvas::SliceCanvas(std::uint32_t rows, std::uint32_t columns) :
    rows_(rows),
    columns_(columns),
    pixels_(static_cast<std::size_t>(rows) * columns, 0)
  {
  }

  bool SliceCanvas::Clip(std::int64_t row, std::int64_t& first, std::int64_t& last) const noexcept
  {
    first = std::max<std::int64_t>(first, 0);
    last = std::min<std::int64_t>(last, static_cast<std::int64_t>(columns_) - 1);
    return row >= 0 && row < static_cast<std::int64_t>(rows_) && first <= last;
  }

  void SliceCanvas::FillRun(std::int64_t row, std::int64_t first, std::int64_t last)
  {
    if (Clip(row, first, last))
    {
      const auto begin = pixels_.begin() + row * columns_;
      std::fill(begin + first, begin + last + 1, std::uint8_t{1});
    }
  }

  void SliceCanvas::InvertRun(std::int64_t row, std::int64_t first, std::int64_t last)
  {
    if (Clip(row, first, last))
    {
      const auto begin = pixels_.begin() + row * columns_;
      std::for_each(begin + first, begin + last + 1, [](std::uint8_t& pixel) { pixel ^= 1; });
    }
  }

  bool SliceCanvas::IsEmpty() const
  {
    return std::all_of(pixels_.begin(), pixels_.end(), [](std::uint8_t pixel) { return pixel == 0; });
  }
}
