// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/StudyRouter.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace H3K27M::Routing;

namespace
{
  SeriesCandidate Make(const std::string& id)
  {
    SeriesCandidate candidate;
    candidate.orthancSeriesId = id;
    candidate.seriesInstanceUid = "2.25." + id;
    candidate.coverageMm = 130;
    candidate.pixelAreaMm2 = 0.25;
    candidate.slices = 24;
    candidate.seriesNumber = 5;
    return candidate;
  }

  // Whatever the order of arrival.
  std::string Best(std::vector<SeriesCandidate> candidates)
  {
    const StudyRouter router(CandidatePolicy::Best);
    const std::string best = router.Choose(candidates).at(0).orthancSeriesId;
    std::reverse(candidates.begin(), candidates.end());
    EXPECT_EQ(router.Choose(candidates).at(0).orthancSeriesId, best);
    return best;
  }
}

TEST(StudyRouter, PrefersPlainT2ToDixon)
{
  SeriesCandidate dixon = Make("1");
  dixon.isDixon = true;
  SeriesCandidate plain = Make("2");
  plain.isDerived = true;
  plain.coverageMm = 100;
  EXPECT_EQ(Best({dixon, plain}), "2");
}

TEST(StudyRouter, KnowsADixonCandidateByItsImageType)
{
  SeriesDescriptor series;
  series.acquisition.imageType = {"DERIVED", "PRIMARY", "DIXON", "WATER"};
  EXPECT_TRUE(SeriesCandidate::From(series, {}).isDixon);
  series.acquisition.imageType = {"ORIGINAL", "PRIMARY", "M", "ND"};
  EXPECT_FALSE(SeriesCandidate::From(series, {}).isDixon);
}

TEST(StudyRouter, PrefersOriginalImages)
{
  SeriesCandidate derived = Make("1");
  derived.isDerived = true;
  derived.slices = 100;
  EXPECT_EQ(Best({derived, Make("2")}), "2");
}

TEST(StudyRouter, PrefersTheWholeHeadToAFineSlab)
{
  SeriesCandidate slab = Make("1");
  slab.coverageMm = 60;
  slab.pixelAreaMm2 = 0.09;
  EXPECT_EQ(Best({slab, Make("2")}), "2");
}

TEST(StudyRouter, CallsAllWholeHeadsEqualAndTakesFinerPixels)
{
  SeriesCandidate coarse = Make("1");
  coarse.coverageMm = 180;
  coarse.pixelAreaMm2 = 0.8;
  EXPECT_EQ(Best({coarse, Make("2")}), "2");
}

TEST(StudyRouter, PrefersTheSeriesWithoutGaps)
{
  SeriesCandidate gaps = Make("1");
  gaps.missingSlices = 1;
  gaps.slices = 40;
  EXPECT_EQ(Best({gaps, Make("2")}), "2");
}

TEST(StudyRouter, PrefersMoreSlicesThenTheLowerNumberThenTheUid)
{
  SeriesCandidate many = Make("2");
  many.slices = 30;
  EXPECT_EQ(Best({Make("1"), many}), "2");
  SeriesCandidate early = Make("2");
  early.seriesNumber = 3;
  EXPECT_EQ(Best({Make("1"), early}), "2");
  EXPECT_EQ(Best({Make("2"), Make("1")}), "1");
}

TEST(StudyRouter, ChoosesOneOrAllByPolicy)
{
  const std::vector<SeriesCandidate> candidates = {Make("2"), Make("1"), Make("3")};
  EXPECT_EQ(StudyRouter(CandidatePolicy::Best).Choose(candidates).size(), 1u);
  const auto all = StudyRouter(CandidatePolicy::All).Choose(candidates);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].orthancSeriesId, "1");
  EXPECT_TRUE(StudyRouter(CandidatePolicy::Best).Choose({}).empty());
}
