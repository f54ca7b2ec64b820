// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/ResultIdentity.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;

  const std::vector<std::string> INSTANCES = {"1.2.3.1", "1.2.3.2", "1.2.3.10"};

  std::string GetReportUid(const std::string& series, const std::vector<std::string>& instances,
                           const std::string& model, const std::string& configuration)
  {
    return ResultIdentity(series, instances, model, configuration).GetUid(ResultRole::Report);
  }
}

// Python: uuid.uuid5(namespace of ResultIdentity.cpp, "name").int
TEST(ResultIdentity, IsTheDecimalUuidOfVersion5)
{
  EXPECT_EQ("2.25.212611322548416289591835690426961373193", MakeNameBasedUid("name"));
  EXPECT_EQ("2.25.106880387598964309735271434371214665210", MakeNameBasedUid(""));
}

TEST(ResultIdentity, DoesNotDependOnTheOrderOfInstances)
{
  EXPECT_EQ(GetReportUid("1.2", INSTANCES, "m", "c"),
            GetReportUid("1.2", {"1.2.3.10", "1.2.3.2", "1.2.3.1"}, "m", "c"));
}

TEST(ResultIdentity, CountsFramesOfOneInstanceOnce)
{
  EXPECT_EQ(GetReportUid("1.2", {"1.2.3"}, "m", "c"), GetReportUid("1.2", {"1.2.3", "1.2.3", "1.2.3"}, "m", "c"));
}

TEST(ResultIdentity, ChangesWithEachIngredient)
{
  const std::set<std::string> uids = {GetReportUid("1.2", INSTANCES, "m", "c"),
                                      GetReportUid("1.3", INSTANCES, "m", "c"),
                                      GetReportUid("1.2", {"1.2.3.1", "1.2.3.2"}, "m", "c"),
                                      GetReportUid("1.2", INSTANCES, "n", "c"),
                                      GetReportUid("1.2", INSTANCES, "m", "d"),
                                      GetReportUid("1.2", INSTANCES, "mc", "c"),
                                      ResultIdentity("1.2", INSTANCES, "m", "c").GetUid(ResultRole::Segmentation),
                                      ResultIdentity("1.2", INSTANCES, "m", "c").GetUid(ResultRole::Report, 1)};
  EXPECT_EQ(8u, uids.size());
}

TEST(ResultIdentity, GivesEachRoleItsOwnValidUid)
{
  const ResultIdentity identity("1.2", INSTANCES, "m", "c");
  std::set<std::string> uids;
  for (int role = 0; role <= static_cast<int>(ResultRole::ReferenceTracking); role++)
  {
    const std::string uid = identity.GetUid(static_cast<ResultRole>(role));
    EXPECT_EQ(0u, uid.find("2.25."));
    EXPECT_NE('0', uid[5]);
    EXPECT_LE(uid.size(), 44u);
    EXPECT_EQ(std::string::npos, uid.find_first_not_of("0123456789."));
    uids.insert(uid);
  }
  EXPECT_EQ(static_cast<std::size_t>(ResultRole::ReferenceTracking) + 1, uids.size());
}

TEST(ResultIdentity, AStackIsNamedByItsImagesAndTheirOrder)
{
  const std::string name = NameStack(Tests::MakeSampleSource());
  EXPECT_EQ(name, NameStack(Tests::MakeSampleSource()));

  Volume::SourceSeries other = Tests::MakeSampleSource();
  std::reverse(other.slices.begin(), other.slices.end());
  EXPECT_NE(name, NameStack(other));
  other = Tests::MakeSampleSource();
  other.slices.pop_back();
  EXPECT_NE(name, NameStack(other));
  other = Tests::MakeSampleSource();
  other.slices.front().frameNumber++;
  EXPECT_NE(name, NameStack(other));
  other = Tests::MakeSampleSource();
  other.seriesInstanceUid += ".1";
  EXPECT_NE(name, NameStack(other));
}

TEST(ResultIdentity, RefusesWhatIdentifiesNothing)
{
  EXPECT_THROW(ResultIdentity("1.2", {}, "m", "c"), Error);
  EXPECT_THROW(ResultIdentity("", INSTANCES, "m", "c"), Error);
  EXPECT_THROW(ResultIdentity("1.2", INSTANCES, "", "c"), Error);
  EXPECT_THROW(ResultIdentity("1.2", INSTANCES, "m", ""), Error);
  EXPECT_THROW(ResultIdentity("1.2", INSTANCES, "m\nn", "c"), Error);
}
