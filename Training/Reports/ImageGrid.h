// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // Square pictures of one size in rows and columns, the columns named above the first row. Like a Figure it can be
  // drawn anew: the script NAME.gp and the pixels NAME.rgb stand beside NAME.png.
  class ImageGrid
  {
  public:
    using Picture = std::vector<std::uint8_t>;  // [side, side, 3] RGB, the upper row first

    ImageGrid(std::string name, std::size_t side, std::vector<std::string> columns);

    // One picture for each column. Throws Error(BadInput) when number or size is another.
    void AddRow(const std::vector<Picture>& pictures);

    bool IsEmpty() const noexcept
    {
      return rows_ == 0;
    }

    // Writes NAME.rgb and NAME.gp into the folder and has gnuplot draw NAME.png. Throws what RunGnuplot throws.
    void Draw(const std::filesystem::path& folder) const;

    const std::string& GetName() const noexcept
    {
      return name_;
    }

  private:
    std::string MakeScript() const;

    std::string name_;
    std::size_t side_;
    std::vector<std::string> columns_;
    std::size_t rows_ = 0;
    Picture pixels_;
  };
}
