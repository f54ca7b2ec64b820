// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/DixonImage.h"

#include <gtest/gtest.h>

using namespace H3K27M::Routing;

TEST(DixonImage, KnowsFatAndOutOfPhaseInTheSpellingsOfTheVendors)
{
  for (const char* const value : {"FAT", "F", "FAT_FRACTION", "FATFRACTION", "FF", "OUT_PHASE", "OUT PHASE",
                                  "OUT_OF_PHASE", "OPP_PHASE", "OPPOSED_PHASE", "OP", "WATER_FRACTION"})
  {
    EXPECT_EQ(ClassifyDixon({"DERIVED", "PRIMARY", "DIXON", value}), DixonImage::FatOrOutOfPhase) << value;
  }
}

TEST(DixonImage, KnowsWaterAndInPhase)
{
  for (const char* const value : {"WATER", "W", "IN_PHASE", "IN PHASE", "IP"})
  {
    EXPECT_EQ(ClassifyDixon({"ORIGINAL", "PRIMARY", value}), DixonImage::WaterOrInPhase) << value;
  }
  EXPECT_EQ(ClassifyDixon({"DERIVED", "PRIMARY", "WATER", "FAT"}), DixonImage::FatOrOutOfPhase);
}

TEST(DixonImage, LeavesOtherImagesAlone)
{
  EXPECT_EQ(ClassifyDixon({}), DixonImage::None);
  EXPECT_EQ(ClassifyDixon({"ORIGINAL", "PRIMARY", "M", "ND", "NORM", "FS", "FATSAT"}), DixonImage::None);
  EXPECT_EQ(ClassifyDixon({"ORIGINAL", "PRIMARY", "M_SE", "M", "SE"}), DixonImage::None);
  EXPECT_EQ(ClassifyDixon({"ORIGINAL", "PRIMARY", "OTHER"}), DixonImage::None);
}
