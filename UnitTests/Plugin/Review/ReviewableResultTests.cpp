// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a review refers to.

#include "Plugin/Review/ReviewableResult.h"
#include "UnitTests/Plugin/Masks/MaskFixture.h"

namespace H3K27M::Review
{
  namespace
  {
    class ReviewableResultTest : public Testing::MaskFixture
    {
    protected:
      std::optional<Results::ReviewedObject> FindHumanMask(const std::optional<std::string>& seenMask = {})
      {
        const Masks::MaskStore masks(archive_, Volume::VolumeLimits());
        return FindReviewableResult(archive_.GetStudy(STUDY).value(), *store_, masks, seenMask).humanMask;
      }
    };
  }

  TEST_F(ReviewableResultTest, APlantedMaskIsNoOutlineByAPerson)
  {
    StorePlanted(1);
    EXPECT_FALSE(FindHumanMask());
    const std::string drawn = StoreDrawn(1);
    const std::optional<Results::ReviewedObject> found = FindHumanMask();
    ASSERT_TRUE(found);
    EXPECT_EQ(drawn, found->sopInstanceUid);
  }

  // No result says which series is meant: a page shows one of them, and cannot show the masks of the others.
  TEST_F(ReviewableResultTest, WithoutAResultTheMaskThatWasSeenIsMeantAndNoneWhereNoneWas)
  {
    const std::string drawn = StoreDrawn(1);
    ASSERT_TRUE(FindHumanMask(drawn));
    EXPECT_EQ(drawn, FindHumanMask(drawn)->sopInstanceUid);
    EXPECT_FALSE(FindHumanMask(""));
    ASSERT_TRUE(FindHumanMask("2.25.7"));
    EXPECT_EQ(drawn, FindHumanMask("2.25.7")->sopInstanceUid) << "what was seen is there no more";
  }

  TEST_F(ReviewableResultTest, AMaskThatWasSeenAndReplacedIsNotMeant)
  {
    const std::string one = StoreDrawn(1);
    const std::string newest = StoreDrawn(2);
    ASSERT_TRUE(FindHumanMask(one));
    EXPECT_EQ(newest, FindHumanMask(one)->sopInstanceUid);
    EXPECT_EQ(newest, FindHumanMask(newest)->sopInstanceUid);
  }
}
