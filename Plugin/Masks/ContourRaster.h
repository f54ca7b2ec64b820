// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/LabelMeRaster.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace H3K27M::Masks
{
  // Turns round the pixels whose centre lies inside a closed contour, by the even-odd rule (a centre on the contour
  // belongs to the side to the right and below). Contours drawn one after the other combine likewise: one inside
  // another is a hole, and the two runs of a keyhole's channel cancel out. Coordinates are counted from the centre of
  // the first pixel (PS3.3 C.8.8.6). Takes memory and time by the crossings of its edges with the image's rows: whoever
  // draws what a stranger has sent counts them before.
  void InvertContour(SliceCanvas& canvas, std::span<const PixelPoint> points);

  // How often the edges of a closed contour cross the rows of an image with so many.
  std::size_t CountCrossings(std::span<const PixelPoint> points, std::uint32_t rows);
}
