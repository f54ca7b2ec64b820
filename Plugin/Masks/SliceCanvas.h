// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace H3K27M::Masks
{
  // One slice that shapes are drawn on: [row, column] uint8, 0 and 1. What lies outside is cut off. One thread.
  class SliceCanvas
  {
  public:
    SliceCanvas(std::uint32_t rows, std::uint32_t columns);

    std::uint32_t GetRows() const noexcept
    {
      return rows_;
    }

    std::uint32_t GetColumns() const noexcept
    {
      return columns_;
    }

    // Sets the pixels of a row from `first` to `last`, both included; nothing when last < first.
    void FillRun(std::int64_t row, std::int64_t first, std::int64_t last);

    // Turns them round: 0 to 1, 1 to 0.
    void InvertRun(std::int64_t row, std::int64_t first, std::int64_t last);

    bool IsEmpty() const;

    const std::vector<std::uint8_t>& GetPixels() const noexcept
    {
      return pixels_;
    }

  private:
    // False when nothing of the run lies inside; else `first` and `last` do.
    bool Clip(std::int64_t row, std::int64_t& first, std::int64_t& last) const noexcept;

    std::uint32_t rows_;
    std::uint32_t columns_;
    std::vector<std::uint8_t> pixels_;
  };
}
