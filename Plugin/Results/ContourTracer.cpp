// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ContourTracer.h"

#include <array>

namespace H3K27M::Results
{
  namespace
  {
    // [row, column] grid of component numbers, 0 outside.
    struct Components
    {
      std::uint32_t rows;
      std::uint32_t columns;
      std::vector<std::uint32_t> labels;

      bool Holds(std::int64_t row, std::int64_t column, std::uint32_t label) const
      {
        return row >= 0 && column >= 0 && row < rows && column < columns &&
               labels[static_cast<std::size_t>(row) * columns + static_cast<std::size_t>(column)] == label;
      }
    };

    // Numbers the component that `start` lies in; returns how many pixels it has.
    std::uint64_t Fill(Components& components, const std::uint8_t* mask, std::size_t start, std::uint32_t label)
    {
      std::uint64_t count = 0;
      std::vector<std::size_t> open = {start};
      components.labels[start] = label;
      const auto visit = [&](std::size_t index)
      {
        if (mask[index] != 0 && components.labels[index] == 0)
        {
          components.labels[index] = label;
          open.push_back(index);
        }
      };
      while (!open.empty())
      {
        const std::size_t index = open.back();
        open.pop_back();
        count++;
        const std::size_t column = index % components.columns;
        if (column > 0)
        {
          visit(index - 1);
        }
        if (column + 1 < components.columns)
        {
          visit(index + 1);
        }
        if (index >= components.columns)
        {
          visit(index - components.columns);
        }
        if (index + components.columns < components.labels.size())
        {
          visit(index + components.columns);
        }
      }
      return count;
    }

    // Walks along the edges with the component on the right hand: at each corner the sharpest right turn that keeps
    // the component to the right and the outside to the left (4-connectivity).
    std::vector<ContourPoint> Walk(const Components& components, std::uint32_t label, std::size_t topLeft)
    {
      // East, south, west, north: step, and the pixel to the right and left of an edge that begins at a corner.
      constexpr std::array<std::array<int, 6>, 4> DIRECTIONS = {
        {{{1, 0, 0, 0, 0, -1}}, {{0, 1, -1, 0, 0, 0}}, {{-1, 0, -1, -1, -1, 0}}, {{0, -1, 0, -1, -1, -1}}}};

      const std::int64_t startColumn = static_cast<std::int64_t>(topLeft % components.columns);
      const std::int64_t startRow = static_cast<std::int64_t>(topLeft / components.columns);
      const auto isBorder = [&](std::int64_t column, std::int64_t row, unsigned direction)
      {
        const auto& d = DIRECTIONS[direction];
        return components.Holds(row + d[3], column + d[2], label) &&
               !components.Holds(row + d[5], column + d[4], label);
      };

      std::vector<ContourPoint> points;
      std::int64_t column = startColumn;
      std::int64_t row = startRow;
      unsigned direction = 0;  // the top edge of the topmost, leftmost pixel leads east
      do
      {
        points.push_back({static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(row)});
        do  // to the next corner where the border turns
        {
          column += DIRECTIONS[direction][0];
          row += DIRECTIONS[direction][1];
        } while (!isBorder(column, row, (direction + 1) % 4) && isBorder(column, row, direction));
        direction = isBorder(column, row, (direction + 1) % 4) ? (direction + 1) % 4 : (direction + 3) % 4;
      } while (column != startColumn || row != startRow || direction != 0);
      return points;
    }

    // Shoelace formula: the corners are whole numbers, so twice the area is exact.
    std::uint64_t CountEnclosed(const std::vector<ContourPoint>& points)
    {
      std::int64_t twice = 0;
      for (std::size_t i = 0; i < points.size(); i++)
      {
        const ContourPoint& a = points[i];
        const ContourPoint& b = points[(i + 1) % points.size()];
        twice += static_cast<std::int64_t>(a.column) * b.row - static_cast<std::int64_t>(b.column) * a.row;
      }
      return static_cast<std::uint64_t>(twice < 0 ? -twice : twice) / 2;
    }
  }

  Contour TraceLargestComponent(const std::uint8_t* mask, std::uint32_t rows, std::uint32_t columns)
  {
    Components components = {rows, columns, std::vector<std::uint32_t>(static_cast<std::size_t>(rows) * columns, 0)};
    std::uint64_t most = 0;
    std::uint32_t largest = 0;
    std::size_t topLeft = 0;
    std::uint32_t label = 0;
    for (std::size_t i = 0; i < components.labels.size(); i++)
    {
      if (mask[i] != 0 && components.labels[i] == 0)
      {
        const std::uint64_t count = Fill(components, mask, i, ++label);
        if (count > most)
        {
          most = count;
          largest = label;
          topLeft = i;  // rows are scanned from the top, so nothing of the component lies above or left in this row
        }
      }
    }

    Contour contour;
    if (most != 0)
    {
      contour.points = Walk(components, largest, topLeft);
      contour.pixels = CountEnclosed(contour.points);
    }
    return contour;
  }
}
