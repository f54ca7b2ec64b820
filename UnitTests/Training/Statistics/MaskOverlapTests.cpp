// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/MaskOverlap.h"

#include <gtest/gtest.h>

#include <vector>

namespace H3K27M::Statistics
{
  namespace
  {
    using Mask = std::vector<std::uint8_t>;

    TEST(MaskOverlap, CountsTumourOfAnyClass)
    {
      MaskOverlap overlap;
      overlap.Add(Mask{1, 1, 0, 0}, Mask{2, 1, 0, 1});
      EXPECT_DOUBLE_EQ(overlap.GetDice(), 4.0 / 5);
    }

    TEST(MaskOverlap, TheAuthorsCountOnlyTheOwnClass)
    {
      MaskOverlap overlap;
      overlap.AddClass(Mask{1, 1, 0, 0}, Mask{2, 1, 0, 1}, 1);
      EXPECT_DOUBLE_EQ(overlap.GetDice(), 2.0 / 4);
    }

    TEST(MaskOverlap, SlicesAddUpToTheVolume)
    {
      MaskOverlap overlap;
      overlap.Add(Mask{1, 1}, Mask{1, 1});
      overlap.Add(Mask{1, 1}, Mask{});  // nothing marked in this slice
      EXPECT_DOUBLE_EQ(overlap.GetDice(), 4.0 / 6);
    }

    TEST(MaskOverlap, TwoEmptyMasksAreEqual)
    {
      MaskOverlap overlap;
      overlap.Add(Mask{0, 0}, Mask{0, 0});
      EXPECT_EQ(overlap.GetDice(), 1);
      overlap.Add(Mask{0}, Mask{1});
      EXPECT_EQ(overlap.GetDice(), 0);
    }

    TEST(MaskOverlap, RefusesOtherGrids)
    {
      MaskOverlap overlap;
      EXPECT_THROW(overlap.Add(Mask{0, 0}, Mask{0}), Error);
    }
  }
}
