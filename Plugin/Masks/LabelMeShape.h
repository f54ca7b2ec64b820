// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/LabelMeRaster.h"

#include <json/value.h>

#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Masks
{
  class SliceCanvas;

  // One entry of a LabelMe file's `shapes`, checked. A plain value.
  struct LabelMeShape
  {
    enum class Kind
    {
      Polygon,  // also where shape_type is absent or null, as in LabelMe's first versions
      Rectangle,
      Circle,
      Line,
      LineStrip,
      Point
    };

    static constexpr std::size_t MAX_POINTS = 5000;  // of one shape; by hand they are some hundred

    std::string label;
    Kind kind = Kind::Polygon;
    std::vector<PixelPoint> points;

    // Throws Error(BadInput), without naming the file, when the entry lacks a part, its type is none of these, the
    // number of points does not fit the type, or a point is no finite place at most one image's size outside.
    static LabelMeShape Parse(const Json::Value& json, std::uint32_t rows, std::uint32_t columns);

    void Draw(SliceCanvas& canvas) const;
  };
}
