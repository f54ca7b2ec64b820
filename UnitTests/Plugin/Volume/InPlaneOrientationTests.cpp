// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/InPlaneOrientation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

using namespace H3K27M;
using namespace H3K27M::Volume;

namespace
{
  using Cosines = std::array<double, 6>;

  constexpr std::size_t ROWS = 3;
  constexpr std::size_t COLUMNS = 5;

  // Every way in which a row and a column can lie along the axes of an axial plane (LPS).
  const std::vector<Cosines> ALL_ARRANGEMENTS = {{1, 0, 0, 0, 1, 0},   {1, 0, 0, 0, -1, 0}, {-1, 0, 0, 0, 1, 0},
                                                 {-1, 0, 0, 0, -1, 0}, {0, 1, 0, 1, 0, 0},  {0, 1, 0, -1, 0, 0},
                                                 {0, -1, 0, 1, 0, 0},  {0, -1, 0, -1, 0, 0}};

  std::vector<InPlaneOrientation> ListAll()
  {
    std::vector<InPlaneOrientation> all;
    for (const bool transpose : {false, true})
    {
      for (const bool flipRows : {false, true})
      {
        for (const bool flipColumns : {false, true})
        {
          all.emplace_back(transpose, flipRows, flipColumns);
        }
      }
    }
    return all;
  }

  // A stored slice whose pixels are their own coordinates along one axis: 0 left (L), 1 posterior (P).
  std::vector<float> DrawCoordinate(const Cosines& cosines, std::size_t axis)
  {
    std::vector<float> slice;
    for (std::size_t row = 0; row < ROWS; ++row)
    {
      for (std::size_t column = 0; column < COLUMNS; ++column)
      {
        slice.push_back(static_cast<float>(cosines[axis] * static_cast<double>(column) +
                                           cosines[3 + axis] * static_cast<double>(row)));
      }
    }
    return slice;
  }

  std::vector<float> Arrange(const InPlaneOrientation& orientation, const std::vector<float>& stored)
  {
    std::vector<float> target(stored.size());
    orientation.Apply<float>(stored, ROWS, COLUMNS, target);
    return target;
  }

  Cosines TurnInPlane(double degrees)
  {
    const double angle = degrees * std::acos(-1.0) / 180;
    return {std::cos(angle), std::sin(angle), 0, -std::sin(angle), std::cos(angle), 0};
  }

  template <typename T>
  void ExpectRoundTrips()
  {
    std::vector<T> stored(ROWS * COLUMNS);
    std::iota(stored.begin(), stored.end(), T{1});
    for (const InPlaneOrientation& orientation : ListAll())
    {
      std::vector<T> arranged(stored.size());
      std::vector<T> back(stored.size());
      orientation.Apply<T>(stored, ROWS, COLUMNS, arranged);
      orientation.Invert<T>(arranged, ROWS, COLUMNS, back);
      EXPECT_EQ(back, stored) << orientation.Transposes() << orientation.FlipsRows() << orientation.FlipsColumns();
      EXPECT_EQ(arranged == stored, orientation.IsIdentity());
    }
  }
}

TEST(InPlaneOrientation, LeavesTheStandardAxialSliceAsItIs)
{
  EXPECT_TRUE(InPlaneOrientation::FromCosines({1, 0, 0, 0, 1, 0}).IsIdentity());
  EXPECT_EQ(InPlaneOrientation::FromCosines({1, 0, 0, 0, 1, 0}), InPlaneOrientation());
}

TEST(InPlaneOrientation, BringsEveryArrangementToRowsTowardsPosteriorAndColumnsTowardsLeft)
{
  for (const Cosines& cosines : ALL_ARRANGEMENTS)
  {
    SCOPED_TRACE(testing::PrintToString(cosines));
    const InPlaneOrientation orientation = InPlaneOrientation::FromCosines(cosines);
    const auto [rows, columns] = orientation.ArrangePair(std::array{ROWS, COLUMNS});
    const std::vector<float> left = Arrange(orientation, DrawCoordinate(cosines, 0));
    const std::vector<float> posterior = Arrange(orientation, DrawCoordinate(cosines, 1));
    for (std::size_t i = 0; i < rows * columns; ++i)
    {
      const auto column = static_cast<float>(i % columns);
      const auto row = static_cast<float>(i / columns);
      EXPECT_EQ(left[i] - left[0], column);
      EXPECT_EQ(posterior[i] - posterior[0], row);
    }
  }
}

TEST(InPlaneOrientation, FindsADifferentArrangementForEachOfTheEight)
{
  std::vector<InPlaneOrientation> seen;
  for (const Cosines& cosines : ALL_ARRANGEMENTS)
  {
    const InPlaneOrientation orientation = InPlaneOrientation::FromCosines(cosines);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), orientation), 0);
    seen.push_back(orientation);
  }
}

TEST(InPlaneOrientation, TakesTheNearestForATurnedHead)
{
  EXPECT_TRUE(InPlaneOrientation::FromCosines(TurnInPlane(20)).IsIdentity());
  EXPECT_TRUE(InPlaneOrientation::FromCosines(TurnInPlane(-44)).IsIdentity());
  EXPECT_EQ(InPlaneOrientation::FromCosines(TurnInPlane(70)), InPlaneOrientation::FromCosines(TurnInPlane(90)));
  EXPECT_EQ(InPlaneOrientation::FromCosines(TurnInPlane(160)), InPlaneOrientation(false, true, true));
  // Tilted by 25 degrees towards coronal as well, prone-coded.
  const double c = std::cos(0.4363);
  const double s = std::sin(0.4363);
  EXPECT_EQ(InPlaneOrientation::FromCosines({-1, 0, 0, 0, -c, s}), InPlaneOrientation(false, true, true));
}

TEST(InPlaneOrientation, TransposesNothingAtFortyFiveDegreesSharp)
{
  EXPECT_TRUE(InPlaneOrientation::FromCosines({0.707107, 0.707107, 0, -0.707107, 0.707107, 0}).IsIdentity());
  EXPECT_TRUE(InPlaneOrientation::FromCosines({0.7071067, 0.7071068, 0, -0.7071068, 0.7071067, 0}).IsIdentity());
}

TEST(InPlaneOrientation, IsUndoneExactlyForAllEight)
{
  ExpectRoundTrips<float>();
  ExpectRoundTrips<std::uint16_t>();
  ExpectRoundTrips<std::uint8_t>();
}

TEST(InPlaneOrientation, SwapsSizeAndSpacingOnATranspositionOnly)
{
  const std::array<double, 2> spacing = {0.5, 0.75};
  EXPECT_EQ(InPlaneOrientation(true, false, true).ArrangePair(spacing), (std::array<double, 2>{0.75, 0.5}));
  EXPECT_EQ(InPlaneOrientation(false, true, true).ArrangePair(spacing), spacing);
}

TEST(InPlaneOrientation, RefusesABufferOfAnotherLength)
{
  const std::vector<float> stored(ROWS * COLUMNS);
  std::vector<float> target(ROWS * COLUMNS - 1);
  EXPECT_THROW(InPlaneOrientation().Apply<float>(stored, ROWS, COLUMNS, target), Error);
  EXPECT_THROW(InPlaneOrientation().Invert<float>(stored, ROWS, COLUMNS, target), Error);
  EXPECT_THROW(InPlaneOrientation().Apply<float>(stored, COLUMNS, COLUMNS, target), Error);
}
