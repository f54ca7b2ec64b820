// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <span>

namespace H3K27M::Masks
{
  class SliceCanvas;

  struct PixelPoint
  {
    double x = 0;  // along the row: columns
    double y = 0;  // down the column: rows
  };

  // LabelMe's own way from a shape to pixels, so that a mask here is the mask that LabelMe's tools make of the same
  // file. They draw with Pillow, and so the rule is Pillow's (13.0; a test compares each shape with it pixel by pixel):
  // - coordinates are cut to whole numbers towards zero; pixel (x, y) is that whole-numbered point, and edges count as
  //   inside;
  // - on each row the crossings of a polygon's edges are sorted and every second gap between them is filled (even-odd)
  //   from the pixel nearest to its beginning to the one nearest to its end, of two equally near the inner one;
  //   horizontal edges are drawn as they are; a tip of two edges that both leave to one side faster than a pixel a row
  //   is filled up to where they are on the next row;
  // - a rectangle holds both its corners; a circle (centre, point on the border) is the ellipse in the box around it,
  //   whose border goes from pixel to neighbouring pixel as near the curve as can be;
  // - a line is LINE_WIDTH pixels wide, each piece of a strip for itself; a point is a disc of POINT_RADIUS.
  // Coordinates must lie within some images' sizes of the canvas (LabelMeShape.h sees to it).
  void DrawPolygon(SliceCanvas& canvas, std::span<const PixelPoint> points);
  void DrawRectangle(SliceCanvas& canvas, const PixelPoint& a, const PixelPoint& b);
  void DrawCircle(SliceCanvas& canvas, const PixelPoint& centre, const PixelPoint& border);
  void DrawLineStrip(SliceCanvas& canvas, std::span<const PixelPoint> points);
  void DrawPoint(SliceCanvas& canvas, const PixelPoint& centre);

  inline constexpr int LINE_WIDTH = 10;
  inline constexpr double POINT_RADIUS = 5;
}
