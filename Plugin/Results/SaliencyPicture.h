// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/PixelFont.h"
#include "Plugin/Results/SaliencyWriter.h"

#include <string>
#include <vector>

namespace H3K27M::Results
{
  // Draws the frames of a SaliencyWriter, all of one size.
  class SaliencyPicture
  {
  public:
    // `rows` and `columns` of the slices; `words` stand below each, wrapped, a paragraph each.
    SaliencyPicture(std::size_t rows, std::size_t columns, const std::vector<std::string>& words);

    std::size_t GetRows() const noexcept
    {
      return rows_ + panelRows_;
    }

    // At least MIN_COLUMNS, so that the words can be read under a small image.
    std::size_t GetColumns() const noexcept
    {
      return columns_;
    }

    // `title`: the first line, of this slice alone; at most 22 characters.
    ColourPicture Draw(const SaliencySlice& slice, const std::string& title) const;

    static constexpr std::size_t MIN_COLUMNS = 144;

    // Rows that the words take at most below a slice of so many columns; those that take more are cut off.
    static std::size_t GetMostPanelRows(std::size_t columns);

  private:
    std::size_t rows_;
    std::size_t sliceColumns_;
    std::size_t columns_;
    std::size_t scale_;
    std::vector<std::string> lines_;
    std::size_t panelRows_;
  };
}
