// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/ContourTracer.h"
#include "Plugin/Results/MaskVolume.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Bytes = std::vector<std::uint8_t>;

  // Rows as text, '#' inside.
  Contour Trace(const std::vector<std::string>& rows)
  {
    Bytes mask;
    for (const std::string& row : rows)
    {
      for (const char c : row)
      {
        mask.push_back(c == '#' ? 1 : 0);
      }
    }
    return TraceLargestComponent(mask.data(), static_cast<std::uint32_t>(rows.size()),
                                 static_cast<std::uint32_t>(rows[0].size()));
  }
}

TEST(MaskVolume, PutsBandsTogether)
{
  MaskVolume mask(3, 4, 2);
  const Bytes lower = {0, 1, 2, 0};
  const Bytes upper = {1, 0};
  mask.SetBand(1, 2, 2, lower.data());
  mask.SetBand(1, 0, 1, upper.data());
  EXPECT_EQ((Bytes{1, 0, 0, 0, 0, 1, 2, 0}), Bytes(mask.GetSlice(1), mask.GetSlice(1) + 8));
  EXPECT_EQ(nullptr, mask.GetSlice(0));
  EXPECT_EQ(3u, mask.CountVoxels());
  EXPECT_EQ((std::vector<std::size_t>{1}), mask.GetTumourSlices());
}

TEST(MaskVolume, TakesASliceOfBackgroundForNone)
{
  MaskVolume mask(2, 1, 2);
  mask.SetSlice(0, {0, 0});
  EXPECT_TRUE(mask.IsEmpty());
  EXPECT_TRUE(mask.GetTumourSlices().empty());
  EXPECT_THROW(mask.GetLargestSlice(), Error);
}

TEST(MaskVolume, RefusesWhatLiesOutside)
{
  MaskVolume mask(3, 4, 2);
  const Bytes band(8, 1);
  EXPECT_THROW(mask.SetBand(3, 0, 1, band.data()), Error);
  EXPECT_THROW(mask.SetBand(0, 4, 1, band.data()), Error);
  EXPECT_THROW(mask.SetBand(0, 1, 4, band.data()), Error);
  EXPECT_THROW(mask.SetBand(0, 1, 0xffffffff, band.data()), Error);
  EXPECT_THROW(mask.SetSlice(0, Bytes(7, 1)), Error);
  EXPECT_THROW(mask.SetSlice(0, Bytes(8, 3)), Error);
  EXPECT_THROW(MaskVolume(1, 65536, 1), Error);
  EXPECT_THROW(MaskVolume(0, 1, 1), Error);
  EXPECT_TRUE(mask.IsEmpty());
}

TEST(MaskVolume, VolumeIsVoxelsTimesAreaTimesSpacing)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  MaskVolume mask(source);
  Bytes voxels(static_cast<std::size_t>(source.rows) * source.columns, 0);
  voxels[5] = 1;
  voxels[9] = 2;
  mask.SetSlice(2, voxels);
  // Spacing 5.5 mm between slices, not the thickness of 5 mm.
  EXPECT_DOUBLE_EQ(2 * 0.90 * 0.85 * 5.5, ComputeVolumeMm3(mask, source));
  EXPECT_THROW(ComputeVolumeMm3(MaskVolume(1, 1, 1), source), Error);
}

TEST(ContourTracer, FollowsTheEdgesOfPixels)
{
  const Contour contour = Trace({"....", ".##.", ".##.", "...."});
  EXPECT_EQ((std::vector<ContourPoint>{{1, 1}, {3, 1}, {3, 3}, {1, 3}}), contour.points);
  EXPECT_EQ(4u, contour.pixels);
}

TEST(ContourTracer, EnclosesExactlyTheComponent)
{
  EXPECT_EQ(1u, Trace({"#"}).pixels);
  EXPECT_EQ(7u, Trace({"###.", "..#.", "###."}).pixels);
  EXPECT_EQ(9u, Trace({"###", "#.#", "###"}).pixels);  // the hole counts
  EXPECT_EQ(5u, Trace({".#.", "###", ".#."}).pixels);
  EXPECT_EQ(10u, Trace({"####", "#..#", "##.#", "...#"}).pixels);
}

TEST(ContourTracer, ChoosesTheLargestAndSplitsAtDiagonals)
{
  EXPECT_EQ(3u, Trace({"##...", "..###"}).pixels);
  const Contour contour = Trace({"#....", ".....", "..##.", "..##."});
  EXPECT_EQ((ContourPoint{2, 2}), contour.points.at(0));
  EXPECT_EQ(4u, contour.pixels);
}

// A ring that touches itself at one corner: the outline passes that corner twice and leaves the inside out, because
// a diagonal does not join pixels.
TEST(ContourTracer, PassesAPinchedCorner)
{
  EXPECT_EQ(12u, Trace({"####", "#..#", "#.#.", "####"}).pixels);
}

TEST(ContourTracer, HasNothingToFollowInAnEmptyMask)
{
  EXPECT_TRUE(Trace({"...", "..."}).points.empty());
}
