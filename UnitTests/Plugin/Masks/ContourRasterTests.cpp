// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/ContourRaster.h"
#include "Plugin/Masks/SliceCanvas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace H3K27M::Masks
{
  namespace
  {
    std::vector<PixelPoint> MakeSquare(double first, double last)
    {
      return {{first, first}, {last, first}, {last, last}, {first, last}};
    }

    std::ptrdiff_t Count(const SliceCanvas& canvas)
    {
      return std::count(canvas.GetPixels().begin(), canvas.GetPixels().end(), 1);
    }
  }

  TEST(ContourRaster, TakesThePixelsWhoseCentreLiesInside)
  {
    SliceCanvas canvas(10, 10);
    InvertContour(canvas, MakeSquare(1.5, 4.5));  // centres 2, 3, 4
    EXPECT_EQ(9, Count(canvas));
    EXPECT_EQ(1, canvas.GetPixels()[2 * 10 + 2]);
    EXPECT_EQ(0, canvas.GetPixels()[1 * 10 + 2]);
  }

  TEST(ContourRaster, NeighboursShareNoPixelAndLeaveNone)
  {
    SliceCanvas canvas(10, 10);
    InvertContour(canvas, std::vector<PixelPoint>{{1, 1}, {5, 1}, {5, 7}, {1, 7}});
    InvertContour(canvas, std::vector<PixelPoint>{{5, 1}, {8, 1}, {8, 7}, {5, 7}});
    EXPECT_EQ(7 * 6, Count(canvas));
  }

  TEST(ContourRaster, AContourInsideAnotherIsAHole)
  {
    SliceCanvas canvas(10, 10);
    InvertContour(canvas, MakeSquare(0.5, 8.5));
    InvertContour(canvas, MakeSquare(2.5, 5.5));
    EXPECT_EQ(64 - 9, Count(canvas));
  }

  TEST(ContourRaster, AKeyholeIsTheSameHole)
  {
    SliceCanvas canvas(10, 10);
    // Along a slanted channel, both ways.
    InvertContour(canvas, std::vector<PixelPoint>{{0.5, 0.5},
                                                  {8.5, 0.5},
                                                  {8.5, 8.5},
                                                  {0.5, 8.5},
                                                  {0.5, 0.5},
                                                  {2.5, 2.5},
                                                  {2.5, 5.5},
                                                  {5.5, 5.5},
                                                  {5.5, 2.5},
                                                  {2.5, 2.5}});
    EXPECT_EQ(64 - 9, Count(canvas));
  }

  TEST(ContourRaster, CountsTheCrossingsOfEdgesWithRowsOfTheImageAlone)
  {
    EXPECT_EQ(2u * 3u, CountCrossings(MakeSquare(1.5, 4.5), 10));
    EXPECT_EQ(2u * 10u, CountCrossings(MakeSquare(-1e9, 1e9), 10));
    EXPECT_EQ(0u, CountCrossings(MakeSquare(50, 60), 10));
    EXPECT_EQ(0u, CountCrossings({}, 10));
  }

  TEST(ContourRaster, WhatLiesOutsideIsCutOff)
  {
    SliceCanvas canvas(10, 10);
    InvertContour(canvas, MakeSquare(-100, 1000));
    EXPECT_EQ(100, Count(canvas));
    InvertContour(canvas, MakeSquare(50, 60));
    EXPECT_EQ(100, Count(canvas));
  }
}
