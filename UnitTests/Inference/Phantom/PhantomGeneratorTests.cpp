// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

using namespace H3K27M;
using namespace H3K27M::Phantom;

namespace
{
  PhantomParameters MakeSmall(std::uint64_t seed)
  {
    PhantomParameters parameters;
    parameters.seed = seed;
    parameters.rows = 96;
    parameters.columns = 80;
    parameters.slices = 18;
    parameters.pixelSpacingMm = 2.4;
    parameters.sliceSpacingMm = 7;
    return parameters;
  }

  const PhantomGenerator& GetGenerator()
  {
    static const PhantomGenerator generator;
    return generator;
  }

  // FNV-1a over the bytes in the order of little-endian machines.
  std::uint64_t GetChecksum(const PhantomVolume& volume)
  {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&hash](unsigned int byte) { hash = (hash ^ byte) * 0x100000001b3ULL; };
    for (const std::uint16_t voxel : volume.voxels)
    {
      add(voxel & 0xffU);
      add(voxel >> 8);
    }
    for (const std::uint8_t label : volume.mask)
    {
      add(label);
    }
    return hash;
  }

  // The brightest tenth of the tumour: in an altered one that is its necrotic core, as bright as fluid.
  double GetBrightTenth(const PhantomVolume& volume)
  {
    std::vector<std::uint16_t> inside;
    for (std::size_t i = 0; i < volume.voxels.size(); i++)
    {
      if (volume.mask[i] != 0)
      {
        inside.push_back(volume.voxels[i]);
      }
    }
    std::sort(inside.begin(), inside.end());
    return inside[inside.size() * 9 / 10];
  }
}

TEST(PhantomGenerator, GivesTheSameBytesForTheSameSeed)
{
  const PhantomVolume first = GetGenerator().Generate(MakeSmall(7));
  const PhantomVolume again = PhantomGenerator().Generate(MakeSmall(7));
  EXPECT_EQ(first.voxels, again.voxels);
  EXPECT_EQ(first.mask, again.mask);
  EXPECT_EQ(first.firstSlicePositionMm, again.firstSlicePositionMm);
  EXPECT_NE(first.voxels, GetGenerator().Generate(MakeSmall(8)).voxels);
}

// Changes when the generator changes; then the demonstration model and its figures are of another distribution, and
// its README has to say so.
TEST(PhantomGenerator, GivesTheRecordedBytesOnEveryMachine)
{
  EXPECT_EQ(GetChecksum(GetGenerator().Generate(MakeSmall(7))), 8619925025046308312ULL);
}

TEST(PhantomGenerator, HidesTheStatusCompletelyAtSignalStrengthZero)
{
  for (std::uint64_t seed = 1; seed <= 4; seed++)
  {
    PhantomParameters parameters = MakeSmall(seed);
    parameters.signalStrength = 0;
    const PhantomVolume altered = GetGenerator().Generate(parameters);
    parameters.status = GenotypeStatus::WildType;
    const PhantomVolume wildType = GetGenerator().Generate(parameters);
    EXPECT_EQ(altered.voxels, wildType.voxels);
    EXPECT_EQ(altered.mask, wildType.mask);
  }
}

TEST(PhantomGenerator, ShowsTheStatusInTheTumourAtFullSignalStrength)
{
  constexpr int count = 12;
  int brighter = 0;
  for (std::uint64_t seed = 1; seed <= count; seed++)
  {
    PhantomParameters parameters = MakeSmall(seed);
    parameters.rows = parameters.columns = 192;
    parameters.pixelSpacingMm = 1.2;
    const double altered = GetBrightTenth(GetGenerator().Generate(parameters));
    parameters.status = GenotypeStatus::WildType;
    const double wildType = GetBrightTenth(GetGenerator().Generate(parameters));
    brighter += altered > 1.05 * wildType ? 1 : 0;
  }
  EXPECT_GE(brighter, 10);
}

// The status must not be readable from where the tumour is, how large or how lumpy.
TEST(PhantomGenerator, KeepsPlaceSizeAndShapeOfTheTumourWhateverTheStatus)
{
  for (std::uint64_t seed = 1; seed <= 8; seed++)
  {
    PhantomParameters parameters = MakeSmall(seed);
    const PhantomVolume altered = GetGenerator().Generate(parameters);
    parameters.status = GenotypeStatus::WildType;
    const PhantomVolume wildType = GetGenerator().Generate(parameters);
    EXPECT_EQ(altered.mask, wildType.mask) << "seed " << seed;
    EXPECT_EQ(altered.firstSlicePositionMm, wildType.firstSlicePositionMm);
    EXPECT_NE(altered.voxels, wildType.voxels);
  }
}

TEST(PhantomGenerator, PutsTheTumourIntoTheHeadNearTheMidline)
{
  for (std::uint64_t seed = 1; seed <= 24; seed++)
  {
    const PhantomVolume volume = GetGenerator().Generate(MakeSmall(seed));
    const PhantomParameters& parameters = volume.parameters;
    std::size_t marked = 0;
    for (std::size_t i = 0; i < volume.mask.size(); i++)
    {
      ASSERT_LE(volume.mask[i], 1);
      if (volume.mask[i] == 0)
      {
        continue;
      }
      marked++;
      const std::size_t column = i % parameters.columns;
      const std::size_t row = i / parameters.columns % parameters.rows;
      const double x = volume.firstSlicePositionMm[0] + static_cast<double>(column) * parameters.pixelSpacingMm;
      const double y = volume.firstSlicePositionMm[1] + static_cast<double>(row) * parameters.pixelSpacingMm;
      ASSERT_LT(std::fabs(x), 48) << "seed " << seed;
      ASSERT_GT(y, -40) << "seed " << seed;
      ASSERT_LT(y, 105) << "seed " << seed;
    }
    EXPECT_GT(marked, 0u) << "seed " << seed;
    EXPECT_NEAR(volume.tumourVolumeMm3, static_cast<double>(marked) * 2.4 * 2.4 * 7, 1e-6);
    EXPECT_GT(volume.tumourVolumeMm3, 800) << "seed " << seed;
    EXPECT_LT(volume.tumourVolumeMm3, 120000) << "seed " << seed;
  }
}

TEST(PhantomGenerator, LeavesTheMaskEmptyWithoutATumour)
{
  PhantomParameters parameters = MakeSmall(3);
  parameters.hasTumour = false;
  const PhantomVolume volume = GetGenerator().Generate(parameters);
  EXPECT_EQ(std::count(volume.mask.begin(), volume.mask.end(), 0), static_cast<std::ptrdiff_t>(volume.mask.size()));
  EXPECT_EQ(volume.tumourVolumeMm3, 0);
  EXPECT_TRUE(volume.tumourSite.empty());
  EXPECT_GT(*std::max_element(volume.voxels.begin(), volume.voxels.end()), 100);
}

TEST(PhantomGenerator, LooksLikeT2FluidBrightAndAirDark)
{
  const PhantomVolume volume = GetGenerator().Generate(MakeSmall(5));
  const std::size_t size = volume.GetSliceSize();
  std::vector<std::uint16_t> middle(volume.voxels.begin() + static_cast<std::ptrdiff_t>(9 * size),
                                    volume.voxels.begin() + static_cast<std::ptrdiff_t>(10 * size));
  const double corner = middle[2 * 80 + 2];
  std::sort(middle.begin(), middle.end());
  EXPECT_GT(middle[size * 99 / 100], 4 * middle[size / 20]);
  EXPECT_LT(corner, 0.3 * middle[size * 99 / 100]);
}

TEST(PhantomGenerator, HoldsTheSizesThatWereAsked)
{
  for (const unsigned int matrix : {256U, 512U})
  {
    const PhantomParameters parameters = PhantomParameters::DrawAcquisition(11, matrix);
    const PhantomVolume volume = GetGenerator().Generate(parameters);
    EXPECT_EQ(volume.voxels.size(), std::size_t{parameters.rows} * parameters.columns * parameters.slices);
    EXPECT_EQ(volume.mask.size(), volume.voxels.size());
    EXPECT_LE(parameters.rows, matrix);
    EXPECT_GE(parameters.sliceSpacingMm, 3);
    EXPECT_LE(parameters.sliceSpacingMm, 6.5);
    EXPECT_LE(volume.sliceThicknessMm, parameters.sliceSpacingMm);
  }
  PhantomParameters one = MakeSmall(2);
  one.slices = 1;
  EXPECT_GT(GetGenerator().Generate(one).tumourVolumeMm3, 0);
}

TEST(PhantomGenerator, RefusesSizesOutOfRangeBeforeItAllocates)
{
  const auto expectRefusal = [](auto change)
  {
    PhantomParameters parameters = MakeSmall(1);
    change(parameters);
    try
    {
      GetGenerator().Generate(parameters);
      ADD_FAILURE() << "accepted";
    }
    catch (const Error& error)
    {
      EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
    }
  };
  expectRefusal([](PhantomParameters& p) { p.rows = 4294967295U; });
  expectRefusal([](PhantomParameters& p) { p.columns = 0; });
  expectRefusal([](PhantomParameters& p) { p.slices = 257; });
  expectRefusal([](PhantomParameters& p) { p.rows = p.columns = 1024, p.slices = 256; });
  expectRefusal([](PhantomParameters& p) { p.pixelSpacingMm = std::numeric_limits<double>::quiet_NaN(); });
  expectRefusal([](PhantomParameters& p) { p.sliceSpacingMm = std::numeric_limits<double>::infinity(); });
  expectRefusal([](PhantomParameters& p) { p.signalStrength = 1.01; });
  // Few voxels, but a space of 8 m x 8 m x 0.8 m, for which 3 GB were taken.
  expectRefusal([](PhantomParameters& p)
  { p.rows = p.columns = 1024, p.slices = 64, p.pixelSpacingMm = 8, p.sliceSpacingMm = 12; });
}

TEST(TissueAtlas, KnowsWhereVentriclesCortexAndAirAre)
{
  const auto atlas = TissueAtlas::LoadEmbedded();
  EXPECT_GT(atlas->GetTissue({-6, 8, 12}).fluid, 0.5f);   // lateral ventricle, frontal horn
  EXPECT_GT(atlas->GetTissue({26, 10, 28}).white, 0.7f);  // corona radiata
  EXPECT_EQ(atlas->GetTissue({26, 10, 28}).white, atlas->GetTissue({-26, 10, 28}).white);
  EXPECT_EQ(atlas->GetOutsideMm({0, -20, 10}), 0);
  EXPECT_GT(atlas->GetOutsideMm({0, -20, 105}), 15);
  EXPECT_EQ(atlas->GetTissue({0, 500, 0}).grey, 0);
}

// A figure to read, with a bound that only an accident (an atlas loaded per volume, say) can pass.
TEST(PhantomGenerator, IsFast)
{
  PhantomParameters parameters;
  const auto start = std::chrono::steady_clock::now();
  constexpr int count = 4;
  for (int i = 0; i < count; i++)
  {
    parameters.seed = static_cast<std::uint64_t>(i);
    GetGenerator().Generate(parameters);
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  std::printf("24 slices of 256 x 256: %.0f ms per volume\n", spent.count() / count);
  EXPECT_LT(spent.count() / count, 5000);
}
