// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Results
{
  // [rows, columns] of red, green, blue.
  struct ColourPicture
  {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<std::uint8_t> pixels;

    std::uint8_t* At(std::size_t row, std::size_t column)
    {
      return pixels.data() + (row * columns + column) * 3;
    }
  };

  // Words that are burned into pictures: upper case, digits and some marks, 5 x 7 dots in cells of 6 x 9.
  namespace PixelFont
  {
    constexpr std::size_t CELL_COLUMNS = 6;
    constexpr std::size_t CELL_ROWS = 9;

    // White on what is there, from the top left corner of the first cell on; each dot `scale` x `scale` pixels. Lower
    // case becomes upper case, what the font lacks a question mark; what lies outside the picture is cut off.
    void Draw(std::string_view text, std::size_t row, std::size_t column, std::size_t scale, ColourPicture& picture);

    // Cut at spaces into lines of at most `cells` characters; a longer word is cut anywhere. At least one cell.
    std::vector<std::string> Wrap(std::string_view text, std::size_t cells);
  }
}
