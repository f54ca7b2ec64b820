// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace H3K27M::Results
{
  // A corner of a pixel in DICOM image coordinates: column 0, row 0 is the top left corner of the top left pixel.
  struct ContourPoint
  {
    std::uint32_t column;
    std::uint32_t row;

    bool operator==(const ContourPoint&) const = default;
  };

  struct Contour
  {
    std::vector<ContourPoint> points;  // corners in order, clockwise on the screen; the first is not repeated
    std::uint64_t pixels = 0;          // of the traced component, holes filled
  };

  // Outer border of the largest 4-connected component of `mask` ([rows, columns], above 0 is inside), along the pixels'
  // edges, so that the outline encloses exactly the component and its holes. Empty when the mask is.
  Contour TraceLargestComponent(const std::uint8_t* mask, std::uint32_t rows, std::uint32_t columns);
}
