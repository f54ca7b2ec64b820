// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/Vectors.h"

#include <gtest/gtest.h>

using namespace H3K27M::Volume;

// By the product of two rounded lengths, (1, 1, 0) would stand at 1.2e-6 degrees to itself.
TEST(Vectors, ADirectionIsAtNoAngleToItself)
{
  for (const Vector& direction : {Vector{1, 1, 0}, Vector{0.1, 0.2, 0.3}, Vector{-0.7, 0.7, 0.1}})
  {
    EXPECT_EQ(AngleDegrees(direction, direction), 0);
  }
  EXPECT_DOUBLE_EQ(AngleDegrees({1, 0, 0}, {0, 2, 0}), 90);
  EXPECT_DOUBLE_EQ(AngleDegrees({1, 0, 0}, {-3, 0, 0}), 180);
}

TEST(Vectors, AnAxialOrientationHasItsNormalTowardsTheHead)
{
  const std::array<double, 6> axial{1, 0, 0, 0, 1, 0};
  EXPECT_EQ(GetRowDirection(axial), (Vector{1, 0, 0}));
  EXPECT_EQ(GetColumnDirection(axial), (Vector{0, 1, 0}));
  EXPECT_EQ(GetNormal(axial), (Vector{0, 0, 1}));
}
