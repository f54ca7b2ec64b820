// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pictures that Pillow 13.0 draws of the same shapes. UnitTests/Integration/test_masks.py compares many more.

#include "Plugin/Masks/LabelMeRaster.h"
#include "Plugin/Masks/SliceCanvas.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace H3K27M::Masks
{
  namespace
  {
    using Picture = std::vector<std::string>;

    template <typename Draw>
    Picture Show(const Draw& draw)
    {
      SliceCanvas canvas(12, 16);
      draw(canvas);
      Picture picture;
      for (std::size_t row = 0; row < 12; row++)
      {
        picture.emplace_back();
        for (std::size_t column = 0; column < 16; column++)
        {
          picture.back() += canvas.GetPixels()[row * 16 + column] != 0 ? '#' : '.';
        }
      }
      return picture;
    }

    Picture ShowPolygon(const std::vector<PixelPoint>& points)
    {
      return Show([&points](SliceCanvas& canvas) { DrawPolygon(canvas, points); });
    }
  }

  TEST(LabelMeRaster, FillsAPolygonWithItsEdges)
  {
    EXPECT_EQ((Picture{"................",  //
                       "..#.............",  //
                       "..#####.........",  //
                       "...#######......",  //
                       "...###########..",  //
                       "...##########...",  //
                       "...##########...",  //
                       "....########....",  //
                       "....#######.....",  //
                       ".......####.....",  //
                       ".........#......",  //
                       "................"}),
              ShowPolygon({{2.9, 1.2}, {13.5, 4.7}, {9.1, 10.9}, {4.4, 8.5}}));
  }

  TEST(LabelMeRaster, FillsAFlatTipUpToTheNextRow)
  {
    EXPECT_EQ((Picture{"................",  //
                       "................",  //
                       "...######.......",  //
                       "...####.........",  //
                       "...##...........",  //
                       "..#.............",  //
                       "..#####.........",  //
                       "..#########.....",  //
                       "..#############.",  //
                       ".#######........",  //
                       ".#..............",  //
                       "................"}),
              ShowPolygon({{1.5, 10}, {14.2, 8.7}, {2.1, 5.4}, {8.0, 2.2}, {3.3, 2.9}}));
  }

  TEST(LabelMeRaster, LeavesTheHoleOfAKeyhole)
  {
    EXPECT_EQ((Picture{"................",  //
                       ".##############.",  //
                       ".##############.",  //
                       ".##############.",  //
                       ".####......####.",  //
                       ".####......####.",  //
                       ".####......####.",  //
                       ".####......####.",  //
                       ".##############.",  //
                       ".##############.",  //
                       ".##############.",  //
                       "................"}),
              ShowPolygon({{1, 1}, {14, 1}, {14, 10}, {1, 10}, {1, 1}, {4, 3}, {4, 8}, {11, 8}, {11, 3}, {4, 3}}));
  }

  TEST(LabelMeRaster, DrawsACircle)
  {
    EXPECT_EQ((Picture{"................",  //
                       "......###.......",  //
                       "....#######.....",  //
                       "....#######.....",  //
                       "...#########....",  //
                       "...#########....",  //
                       "...#########....",  //
                       "....#######.....",  //
                       "....#######.....",  //
                       "......###.......",  //
                       "................",  //
                       "................"}),
              Show([](SliceCanvas& canvas) { DrawCircle(canvas, {7.3, 5.6}, {7.3, 9.8}); }));
  }

  TEST(LabelMeRaster, DrawsALineOfTenPixelsAndAPointCutOffAtTheBorder)
  {
    const std::vector<PixelPoint> line = {{2.5, 2.5}, {13.1, 9.9}};
    EXPECT_EQ((Picture{"....####........",  //
                       "....#####.......",  //
                       "...########.....",  //
                       "..##########....",  //
                       ".#############..",  //
                       ".##############.",  //
                       "################",  //
                       "..##############",  //
                       "...#############",  //
                       ".....##########.",  //
                       "......########..",  //
                       "........#####..."}),
              Show([&line](SliceCanvas& canvas) { DrawLineStrip(canvas, line); }));
    EXPECT_EQ((Picture{"..........######",  //
                       "..........######",  //
                       "..........######",  //
                       "..........######",  //
                       "...........#####",  //
                       "............####",  //
                       ".............###",  //
                       "................",  //
                       "................",  //
                       "................",  //
                       "................",  //
                       "................"}),
              Show([](SliceCanvas& canvas) { DrawPoint(canvas, {15, 1}); }));
  }

  TEST(LabelMeRaster, ARectangleHoldsBothCornersInWhicheverOrder)
  {
    const Picture expected = Show([](SliceCanvas& canvas)
    {
      canvas.FillRun(2, 3, 6);
      canvas.FillRun(3, 3, 6);
    });
    EXPECT_EQ(expected, Show([](SliceCanvas& canvas) { DrawRectangle(canvas, {3.9, 2.1}, {6.0, 3.99}); }));
    EXPECT_EQ(expected, Show([](SliceCanvas& canvas) { DrawRectangle(canvas, {6.0, 2.1}, {3.9, 3.99}); }));
  }
}
