// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/IntensityRange.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace
{
  using H3K27M::Error;
  using H3K27M::Preprocess::IntensityRange;

  std::vector<float> MakeScattered(std::size_t count)
  {
    std::vector<float> voxels(count);
    std::uint32_t state = 1;
    for (float& voxel : voxels)
    {
      state = state * 1664525U + 1013904223U;
      voxel = (static_cast<float>(state >> 8) - 4e6f) * 1e-3f;
    }
    return voxels;
  }

  TEST(IntensityRange, EqualsPercentilesOfSortedVoxels)
  {
    const std::vector<float> voxels = MakeScattered(100001);
    std::vector<float> sorted = voxels;
    std::sort(sorted.begin(), sorted.end());
    const IntensityRange range = IntensityRange::Measure(voxels, 0.5, 99.5);
    EXPECT_EQ(range.low, sorted[500]);
    EXPECT_EQ(range.high, sorted[99500]);
    EXPECT_TRUE(range.warnings.empty());
  }

  TEST(IntensityRange, IsNotMovedByOneHugeVoxel)
  {
    std::vector<float> voxels = MakeScattered(100001);
    const IntensityRange before = IntensityRange::Measure(voxels, 0.5, 99.5);
    voxels[77] = 1e30f;
    const IntensityRange after = IntensityRange::Measure(voxels, 0.5, 99.5);
    EXPECT_NEAR(after.high, before.high, 1.0f);
    EXPECT_NEAR(after.low, before.low, 1.0f);
  }

  TEST(IntensityRange, RefusesConstantImage)
  {
    const std::vector<float> voxels(1000, 7.0f);
    try
    {
      IntensityRange::Measure(voxels, 0.5, 99.5);
      FAIL() << "not refused";
    }
    catch (const Error& error)
    {
      EXPECT_NE(std::string(error.what()).find("constant"), std::string::npos);
      EXPECT_FALSE(error.CanRetry());
    }
  }

  TEST(IntensityRange, TakesFewNonFiniteVoxelsAsBackgroundAndSaysSo)
  {
    std::vector<float> voxels = MakeScattered(10000);
    voxels[3] = std::numeric_limits<float>::quiet_NaN();
    voxels[9999] = -std::numeric_limits<float>::infinity();
    const IntensityRange range = IntensityRange::Measure(voxels, 0.5, 99.5);
    EXPECT_EQ(range.nonFiniteVoxels, 2u);
    ASSERT_EQ(range.warnings.size(), 1u);
    EXPECT_NE(range.warnings[0].find("2 voxels"), std::string::npos);
    EXPECT_TRUE(std::isfinite(range.low) && std::isfinite(range.high));
  }

  TEST(IntensityRange, RefusesManyNonFiniteVoxels)
  {
    std::vector<float> voxels = MakeScattered(10000);
    std::fill(voxels.begin(), voxels.begin() + 101, std::numeric_limits<float>::infinity());
    EXPECT_THROW(IntensityRange::Measure(voxels, 0.5, 99.5), Error);
    const std::vector<float> none(100, std::numeric_limits<float>::quiet_NaN());
    EXPECT_THROW(IntensityRange::Measure(none, 0.5, 99.5), Error);
  }

  TEST(IntensityRange, FallsBackToExtremesForSmallBrightObject)
  {
    std::vector<float> voxels(10000, 0.0f);
    std::fill(voxels.begin(), voxels.begin() + 20, 50.0f);
    const IntensityRange range = IntensityRange::Measure(voxels, 0.5, 99.5);
    EXPECT_EQ(range.low, 0.0f);
    EXPECT_EQ(range.high, 50.0f);
    EXPECT_EQ(range.warnings.size(), 1u);
  }
}
