// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/LabelMeRaster.h"

#include <span>

namespace H3K27M::Masks
{
  // Turns round the pixels whose centre lies inside a closed contour, by the even-odd rule (a centre on the contour
  // belongs to the side to the right and below). Contours drawn one after the other combine likewise: one inside
  // another is a hole, and the two runs of a keyhole's channel cancel out. Coordinates are counted from the centre of
  // the first pixel (PS3.3 C.8.8.6).
  void InvertContour(SliceCanvas& canvas, std::span<const PixelPoint> points);
}
