// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/LabelMeRaster.h"

#include "Plugin/Masks/SliceCanvas.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace H3K27M::Masks
{
  namespace
  {
    struct GridPoint
    {
      int x;
      int y;

      bool operator==(const GridPoint&) const = default;
    };

    GridPoint Truncate(const PixelPoint& point)
    {
      return {static_cast<int>(point.x), static_cast<int>(point.y)};
    }

    // Halves away from zero.
    int RoundOutwards(double value)
    {
      return static_cast<int>(std::round(value));
    }

    // Halves towards zero.
    int RoundInwards(double value)
    {
      const double magnitude = std::ceil(std::abs(value) - 0.5);
      return static_cast<int>(value < 0 ? -magnitude : magnitude);
    }

    // An edge that is not horizontal. In 32 bits, as Pillow reckons: a crossing near half a pixel depends on it.
    struct Edge
    {
      GridPoint from;
      float slope;  // columns per row
      int top;
      int bottom;

      Edge(const GridPoint& a, const GridPoint& b) :
        from(a),
        slope(static_cast<float>(b.x - a.x) / static_cast<float>(b.y - a.y)),
        top(std::min(a.y, b.y)),
        bottom(std::max(a.y, b.y))
      {
      }

      bool Spans(int row) const
      {
        return top <= row && row <= bottom;
      }

      bool EndsOn(int row) const
      {
        return row == top || row == bottom;
      }

      float At(int row) const
      {
        return static_cast<float>(row - from.y) * slope + static_cast<float>(from.x);
      }
    };

    // Where the tip of two edges is moved to on a row that both end on; nothing when they do not lean to one side.
    std::optional<float> MoveTip(const Edge& edge, const Edge& other, int row)
    {
      const int next = row == edge.bottom ? row - 1 : row + 1;
      const float tip = edge.At(row);
      const float a = edge.At(next);
      const float b = other.At(next);
      if (tip > a + 1 && tip > b + 1)
      {
        return std::round(std::max(a, b)) + 1;
      }
      if (tip < a - 1 && tip < b - 1)
      {
        return std::round(std::min(a, b)) - 1;
      }
      return std::nullopt;
    }

    // The crossing of edges[index] with a row that it ends on, which may be the tip that it makes with an earlier edge.
    float FindTip(const std::vector<Edge>& edges, std::size_t index, int row)
    {
      const Edge& edge = edges[index];
      const float crossing = edge.At(row);
      for (std::size_t i = 0; i < index; i++)
      {
        const Edge& other = edges[i];
        const int next = row == edge.bottom ? row - 1 : row + 1;
        if (other.EndsOn(row) && other.slope != 0 && std::round(other.At(row)) == std::round(crossing) &&
            other.Spans(next))
        {
          return MoveTip(edge, other, row).value_or(crossing);
        }
      }
      return crossing;
    }

    std::vector<float> ListCrossings(const std::vector<Edge>& edges, int row, int lastRow)
    {
      std::vector<float> crossings;
      for (std::size_t i = 0; i < edges.size(); i++)
      {
        const Edge& edge = edges[i];
        if (!edge.Spans(row))
        {
          continue;
        }
        const bool goesOnBelow = row == edge.bottom && row < lastRow;
        const bool isTip = !goesOnBelow && edge.EndsOn(row) && edge.slope != 0;
        crossings.push_back(isTip ? FindTip(edges, i, row) : edge.At(row));
        if (goesOnBelow)
        {
          crossings.push_back(crossings.back());  // its lower end, beside the upper end of the edge that follows
        }
      }
      std::sort(crossings.begin(), crossings.end());
      return crossings;
    }

    void DrawGridPolygon(SliceCanvas& canvas, const std::vector<GridPoint>& points)
    {
      std::vector<Edge> edges;
      int top = std::numeric_limits<int>::max();
      int bottom = std::numeric_limits<int>::min();
      for (std::size_t i = 0; i < points.size(); i++)
      {
        const GridPoint& a = points[i];
        const GridPoint& b = points[(i + 1) % points.size()];
        top = std::min(top, a.y);
        bottom = std::max(bottom, a.y);
        if (a.y == b.y)
        {
          canvas.FillRun(a.y, std::min(a.x, b.x), std::max(a.x, b.x));
        }
        else
        {
          edges.emplace_back(a, b);
        }
      }

      const int lastRow = std::min(bottom, static_cast<int>(canvas.GetRows()));
      for (int row = std::max(top, 0); row <= lastRow; row++)
      {
        const std::vector<float> crossings = ListCrossings(edges, row, lastRow);
        for (std::size_t i = 1; i < crossings.size(); i += 2)
        {
          canvas.FillRun(row, RoundOutwards(static_cast<double>(crossings[i - 1])),
                         RoundInwards(static_cast<double>(crossings[i])));
        }
      }
    }

    // Half the width of an ellipse's rows, in half pixels from its centre: [half pixels below the centre] -> half
    // width. The border of a quarter goes from the right end of the middle to the lower end; of the neighbours below,
    // to the left below and to the left, the one nearest the curve is next.
    std::map<std::int64_t, std::int64_t> TraceQuarter(std::int64_t width, std::int64_t height)
    {
      const auto w2 = static_cast<long double>(width) * static_cast<long double>(width);
      const auto h2 = static_cast<long double>(height) * static_cast<long double>(height);
      const auto deviation = [&](std::int64_t x, std::int64_t y)
      {
        const auto lx = static_cast<long double>(x);
        const auto ly = static_cast<long double>(y);
        return std::abs(w2 * ly * ly + h2 * lx * lx - w2 * h2);
      };

      std::map<std::int64_t, std::int64_t> rows;
      std::int64_t x = width;
      std::int64_t y = height % 2;
      rows.emplace(y, x);
      while (x != width % 2 || y != height)
      {
        std::int64_t nextX = x;
        std::int64_t nextY = y + 2;
        if (x > 1)
        {
          if (deviation(x - 2, y + 2) < deviation(nextX, nextY))
          {
            nextX = x - 2;
          }
          if (deviation(x - 2, y) < deviation(nextX, nextY))
          {
            nextX = x - 2;
            nextY = y;
          }
        }
        x = nextX;
        y = nextY;
        rows.emplace(y, x);  // the first of a row is the outermost
      }
      return rows;
    }

    void DrawEllipse(SliceCanvas& canvas, const GridPoint& first, const GridPoint& last)
    {
      const std::int64_t width = last.x - first.x;
      const std::int64_t height = last.y - first.y;
      if (width < 0 || height < 0 || (width == 0 && height == 0))
      {
        return;
      }
      for (const auto& [below, halfWidth] : TraceQuarter(width, height))
      {
        const std::int64_t left = first.x + (width - halfWidth) / 2;
        const std::int64_t right = first.x + (width + halfWidth) / 2;
        canvas.FillRun(first.y + (height + below) / 2, left, right);
        canvas.FillRun(first.y + (height - below) / 2, left, right);
      }
    }

    void DrawDisc(SliceCanvas& canvas, const PixelPoint& centre, double radius)
    {
      DrawEllipse(canvas, Truncate({centre.x - radius, centre.y - radius}),
                  Truncate({centre.x + radius, centre.y + radius}));
    }

    // A bar of LINE_WIDTH around the line; an even width is rounded to one side.
    void DrawLine(SliceCanvas& canvas, const GridPoint& a, const GridPoint& b)
    {
      if (a == b)
      {
        canvas.FillRun(a.y, a.x, a.x);
        return;
      }
      const int dx = b.x - a.x;
      const int dy = b.y - a.y;
      const double length = std::hypot(dx, dy);
      const double lesser = RoundInwards((LINE_WIDTH - 1) / 2.0) / length;
      const double greater = RoundOutwards((LINE_WIDTH - 1) / 2.0) / length;
      const GridPoint before = {RoundInwards(lesser * dy), RoundInwards(lesser * dx)};
      const GridPoint after = {RoundInwards(greater * dy), RoundOutwards(greater * dx)};
      DrawGridPolygon(canvas, {{a.x - before.x, a.y + after.y},
                               {b.x - before.x, b.y + after.y},
                               {b.x + after.x, b.y - before.y},
                               {a.x + after.x, a.y - before.y}});
    }
  }

  void DrawPolygon(SliceCanvas& canvas, std::span<const PixelPoint> points)
  {
    std::vector<GridPoint> grid(points.size());
    std::transform(points.begin(), points.end(), grid.begin(), Truncate);
    if (grid.size() > 1 && grid.front() == grid.back())
    {
      grid.pop_back();  // closed by hand
    }
    DrawGridPolygon(canvas, grid);
  }

  void DrawRectangle(SliceCanvas& canvas, const PixelPoint& a, const PixelPoint& b)
  {
    const GridPoint first = Truncate({std::min(a.x, b.x), std::min(a.y, b.y)});
    const GridPoint last = Truncate({std::max(a.x, b.x), std::max(a.y, b.y)});
    for (int row = std::max(first.y, 0); row <= std::min(last.y, static_cast<int>(canvas.GetRows()) - 1); row++)
    {
      canvas.FillRun(row, first.x, last.x);
    }
  }

  void DrawCircle(SliceCanvas& canvas, const PixelPoint& centre, const PixelPoint& border)
  {
    DrawDisc(canvas, centre, std::sqrt(std::pow(centre.x - border.x, 2) + std::pow(centre.y - border.y, 2)));
  }

  void DrawLineStrip(SliceCanvas& canvas, std::span<const PixelPoint> points)
  {
    for (std::size_t i = 1; i < points.size(); i++)
    {
      DrawLine(canvas, Truncate(points[i - 1]), Truncate(points[i]));
    }
  }

  void DrawPoint(SliceCanvas& canvas, const PixelPoint& centre)
  {
    DrawDisc(canvas, centre, POINT_RADIUS);
  }
}
