// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/ContourRaster.h"

#include "Plugin/Masks/SliceCanvas.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace H3K27M::Masks
{
  namespace
  {
    struct RowRange
    {
      std::size_t first = 0;
      std::size_t end = 0;
    };

    // Of an edge, inside the image. From the upper end, included, to the lower one, excluded: an end that two edges
    // share counts once.
    RowRange FindRows(double upper, double lower, std::uint32_t rows)
    {
      const double last = rows;
      return {static_cast<std::size_t>(std::clamp(std::ceil(upper), 0.0, last)),
              static_cast<std::size_t>(std::clamp(std::ceil(lower), 0.0, last))};
    }
  }

  std::size_t CountCrossings(std::span<const PixelPoint> points, std::uint32_t rows)
  {
    std::size_t count = 0;
    for (std::size_t i = 0; i < points.size(); i++)
    {
      const double a = points[i].y;
      const double b = points[(i + 1) % points.size()].y;
      const RowRange range = FindRows(std::min(a, b), std::max(a, b), rows);
      count += range.end - range.first;
    }
    return count;
  }

  void InvertContour(SliceCanvas& canvas, std::span<const PixelPoint> points)
  {
    std::vector<std::vector<double>> crossings(canvas.GetRows());
    for (std::size_t i = 0; i < points.size(); i++)
    {
      // From the upper end, so that an edge that is run along both ways is crossed at the very same place.
      const auto [a, b] = std::minmax(points[i], points[(i + 1) % points.size()],
                                      [](const PixelPoint& p, const PixelPoint& q) { return p.y < q.y; });
      const RowRange range = FindRows(a.y, b.y, canvas.GetRows());
      for (std::size_t row = range.first; row < range.end; row++)
      {
        crossings[row].push_back(a.x + (static_cast<double>(row) - a.y) * (b.x - a.x) / (b.y - a.y));
      }
    }

    const double columns = canvas.GetColumns();
    for (std::size_t row = 0; row < crossings.size(); row++)
    {
      std::sort(crossings[row].begin(), crossings[row].end());
      for (std::size_t i = 1; i < crossings[row].size(); i += 2)
      {
        const double first = std::clamp(std::ceil(crossings[row][i - 1]), 0.0, columns);
        const double end = std::clamp(std::ceil(crossings[row][i]), 0.0, columns);
        canvas.InvertRun(static_cast<std::int64_t>(row), static_cast<std::int64_t>(first),
                         static_cast<std::int64_t>(end) - 1);
      }
    }
  }
}
