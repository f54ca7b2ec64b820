// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SaliencyPicture.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::size_t COLUMNS_PER_SCALE = 256;  // the words grow with the image
    constexpr std::size_t MAX_SCALE = 8;
    constexpr std::size_t MAX_PANEL_ROWS = 128;  // of each step of the scale: a dozen lines
    constexpr std::size_t MARGIN = 3;
    constexpr std::size_t BAR_ROWS = 8;
    constexpr double MOST_COLOUR = 0.5;  // of the strongest place

    std::size_t GetScale(std::size_t columns)
    {
      return std::clamp<std::size_t>(columns / COLUMNS_PER_SCALE, 1, MAX_SCALE);
    }

    using Colour = std::array<double, 3>;  // 0..1

    // Blue, cyan, yellow, red at 0, 1/3, 2/3, 1.
    Colour GetHeat(double value)
    {
      const double third = value * 3;
      return {std::clamp(third - 1, 0.0, 1.0), third < 1 ? third : std::clamp(3 - third, 0.0, 1.0),
              std::clamp(2 - third, 0.0, 1.0)};
    }

    void Paint(std::uint8_t grey, double value, double share, std::uint8_t* pixel)
    {
      const Colour heat = GetHeat(value);
      for (std::size_t i = 0; i < heat.size(); i++)
      {
        pixel[i] = static_cast<std::uint8_t>(std::lround((1 - share) * grey + share * heat[i] * 255));
      }
    }
  }

  SaliencyPicture::SaliencyPicture(std::size_t rows, std::size_t columns, const std::vector<std::string>& words) :
    rows_(rows),
    sliceColumns_(columns),
    columns_(std::max(columns, MIN_COLUMNS)),
    scale_(GetScale(columns_))
  {
    const std::size_t cells = (columns_ / scale_ - 2 * MARGIN) / PixelFont::CELL_COLUMNS;
    for (const std::string& paragraph : words)
    {
      const std::vector<std::string> wrapped = PixelFont::Wrap(paragraph, cells);
      lines_.insert(lines_.end(), wrapped.begin(), wrapped.end());
    }
    // The bar, its ends' values, the title and the lines.
    panelRows_ = std::min(MAX_PANEL_ROWS, 3 * MARGIN + BAR_ROWS + (2 + lines_.size()) * PixelFont::CELL_ROWS) * scale_;
  }

  std::size_t SaliencyPicture::GetMostPanelRows(std::size_t columns)
  {
    return MAX_PANEL_ROWS * GetScale(columns);
  }

  ColourPicture SaliencyPicture::Draw(const SaliencySlice& slice, const std::string& title) const
  {
    ColourPicture picture{GetRows(), columns_, std::vector<std::uint8_t>(GetRows() * columns_ * 3, 0)};
    for (std::size_t row = 0; row < rows_; row++)
    {
      for (std::size_t column = 0; column < sliceColumns_; column++)
      {
        const std::size_t i = row * sliceColumns_ + column;
        const double value = slice.map[i] / 255.0;
        Paint(slice.grey[i], value, MOST_COLOUR * value, picture.At(row, column));
      }
    }

    const std::size_t margin = MARGIN * scale_;
    const std::size_t barColumns = columns_ - 2 * margin;
    std::size_t y = rows_ + margin;
    for (std::size_t row = y; row < y + BAR_ROWS * scale_; row++)
    {
      for (std::size_t column = 0; column < barColumns; column++)
      {
        Paint(0, static_cast<double>(column) / static_cast<double>(barColumns - 1), 1,
              picture.At(row, margin + column));
      }
    }
    y += BAR_ROWS * scale_ + margin;
    const std::string highest = "MAX";
    PixelFont::Draw("0", y, margin, scale_, picture);
    PixelFont::Draw(highest, y, columns_ - margin - highest.size() * PixelFont::CELL_COLUMNS * scale_, scale_, picture);
    y += PixelFont::CELL_ROWS * scale_;
    PixelFont::Draw(title, y, margin, scale_, picture);
    for (const std::string& line : lines_)
    {
      y += PixelFont::CELL_ROWS * scale_;
      PixelFont::Draw(line, y, margin, scale_, picture);
    }
    return picture;
  }
}
