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

// Each step of the rule has its words, and it is the step that decides.
TEST(StudyRouter, TellsWhyOneSeriesComesBeforeAnother)
{
  const SeriesCandidate better = Make("1");
  SeriesCandidate other = Make("2");
  const auto explain = [&better, &other]
  {
    EXPECT_TRUE(StudyRouter::IsBetter(better, other));
    return StudyRouter::ExplainOrder(better, other);
  };
  EXPECT_EQ(explain(), "nothing tells them apart, and its SeriesInstanceUID comes first");
  other.seriesNumber = 6;
  EXPECT_NE(explain().find("SeriesNumber is the lower one"), std::string::npos);
  other.slices = 20;
  EXPECT_EQ(explain(), "it has more slices: 24, this one 20");
  other.pixelAreaMm2 = 0.8;
  EXPECT_EQ(explain(), "its pixels are finer: 0.25 mm2, in this one 0.8 mm2");
  other.missingSlices = 2;
  EXPECT_EQ(explain(), "it lacks fewer slices: 0, this one 2");
  other.coverageMm = 60;
  EXPECT_EQ(explain(), "it covers more of the head: 130 mm, this one 60 mm");
  other.isDerived = true;
  EXPECT_EQ(explain(), "its images are original, these are derived");
  other.isDixon = true;
  EXPECT_EQ(explain(), "it is a plain T2, this one an image of a Dixon acquisition");
}

TEST(StudyRouter, TellsOfEnhancedSeriesWhichOneIsNamedSo)
{
  SeriesCandidate named = Make("2");
  named.isEnhanced = named.isNamedEnhanced = true;
  SeriesCandidate tagged = Make("1");
  tagged.isEnhanced = true;
  EXPECT_TRUE(StudyRouter::IsBetter(named, tagged));
  EXPECT_NE(StudyRouter::ExplainOrder(named, tagged).find("description says"), std::string::npos);
  tagged.isNamedEnhanced = true;
  tagged.seriesNumber = 4;
  EXPECT_NE(StudyRouter::ExplainOrder(named, tagged).find("SeriesNumber is the higher one"), std::string::npos);
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
