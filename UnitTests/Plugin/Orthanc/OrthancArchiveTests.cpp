// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/OrthancArchive.h"
#include "UnitTests/Plugin/Orthanc/FakeCore.h"

#include <gmock/gmock.h>

#include <span>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    class OrthancArchiveTest : public testing::Test
    {
    protected:
      // What a call throws; fails the test when it throws nothing.
      template <typename Call>
      Error Catch(const Call& call)
      {
        try
        {
          call();
        }
        catch (const Error& e)
        {
          return e;
        }

        ADD_FAILURE() << "nothing was thrown";
        return Error(ErrorCode::Internal, "nothing was thrown");
      }

      Testing::FakeCore core_;
      OrthancArchive archive_{core_.GetContext()};
      const std::string file_ = "DICM";
    };
  }

  TEST_F(OrthancArchiveTest, AnObjectThatIsStoredOrWasThereHasItsIdentifier)
  {
    core_.rest["POST /instances"].body = R"({"ID":"i1","Status":"Success"})";
    EXPECT_EQ("i1", archive_.Store(std::span(file_)));
    core_.rest["POST /instances"].body = R"({"ID":"i1","Status":"AlreadyStored"})";
    EXPECT_EQ("i1", archive_.Store(std::span(file_)));
  }

  TEST_F(OrthancArchiveTest, AnObjectThatAFilterTookAwayIsAnErrorThatNoRetryMends)
  {
    core_.rest["POST /instances"].body = R"({"ID":"i1","Status":"FilteredOut"})";
    const Error error = Catch([this] { archive_.Store(std::span(file_)); });
    EXPECT_FALSE(error.CanRetry());
    EXPECT_THAT(error.what(), testing::HasSubstr("FilteredOut"));
  }

  TEST_F(OrthancArchiveTest, StudiesAreListedToTheEndWhateverLimitFindResultsSays)
  {
    core_.rest["POST /tools/find"].body = R"(["s1"])";  // cut
    core_.rest["GET /studies?limit=10000&since=0"].body = R"(["s1","s2"])";
    core_.rest["GET /studies?limit=10000&since=9000"].body = R"(["s3"])";
    core_.rest["GET /studies?limit=10000&since=18000"].body = "[]";
    EXPECT_THAT(archive_.ListStudies({}), testing::ElementsAre("s1", "s2", "s3"));
  }

  // What is deleted between two pages moves what comes after it to lower places.
  TEST_F(OrthancArchiveTest, StudiesAreListedOnceAndNoneIsPassedOverWhenOthersAreDeletedMeanwhile)
  {
    core_.rest["GET /studies?limit=10000&since=0"].body = R"(["s1","s2","s3"])";
    core_.rest["GET /studies?limit=10000&since=9000"].body = R"(["s3","s4"])";
    core_.rest["GET /studies?limit=10000&since=18000"].body = "[]";
    EXPECT_THAT(archive_.ListStudies({}), testing::ElementsAre("s1", "s2", "s3", "s4"));
  }

  TEST_F(OrthancArchiveTest, OnePageOfStudiesIsOneQuestion)
  {
    core_.rest["GET /studies?limit=2&since=4"].body = R"(["s5","s6"])";
    core_.rest["GET /studies?limit=2&since=6"].body = "[]";
    EXPECT_THAT(archive_.ListStudyPage(4, 2), testing::ElementsAre("s5", "s6"));
    EXPECT_TRUE(archive_.ListStudyPage(6, 2).empty());
    EXPECT_EQ(2u, core_.asked.size());
  }

  TEST_F(OrthancArchiveTest, AnIndexThatIsAwayIsNoAnswerThatThereIsNoSuchStudy)
  {
    core_.rest["POST /tools/lookup"].body =
      R"([{"ID":"p1","Path":"/patients/p1","Type":"Patient"},{"ID":"s1","Path":"/studies/s1","Type":"Study"}])";
    EXPECT_EQ("s1", archive_.FindStudy("1.2.3"));
    EXPECT_EQ(std::nullopt, archive_.FindSeries("1.2.3"));
    core_.rest["POST /tools/lookup"].code = OrthancPluginErrorCode_DatabaseUnavailable;
    EXPECT_EQ(ErrorCode::Unavailable, Catch([this] { archive_.FindStudy("1.2.3"); }).GetCode());
  }

  // A label of a CSV went to whichever came first.
  TEST_F(OrthancArchiveTest, AStudyThatStandsUnderTwoPatientsIsNotChosenByItsUid)
  {
    core_.rest["POST /tools/lookup"].body =
      R"([{"ID":"s1","Path":"/studies/s1","Type":"Study"},{"ID":"s2","Path":"/studies/s2","Type":"Study"}])";
    EXPECT_EQ(ErrorCode::Conflict, Catch([this] { archive_.FindStudy("1.2.3"); }).GetCode());
  }

  // "cases/s1%3Fx" names no study: as one it would have a case, a label and a mask of its own.
  TEST_F(OrthancArchiveTest, WhatWouldChangeThePathOfAQuestionIsNoIdentifier)
  {
    core_.rest["GET /studies/s1"].body = R"({"ID":"s1"})";
    core_.rest["GET /studies/s1/series"].body = "[]";
    core_.rest["GET /series/e1/study"].body = R"({"ID":"s1"})";
    EXPECT_EQ("s1", archive_.GetStudy("s1")->id);
    EXPECT_EQ("s1", archive_.GetParentStudy("Series", "e1"));
    const std::size_t asked = core_.asked.size();

    for (const char* const id : {"", "s1?x", "s1#x", "s1/series", "../changes", "s1%3Fx", "s1 ", "s1\n", "s\xC3\xA9"})
    {
      EXPECT_FALSE(archive_.GetStudy(id)) << id;
      EXPECT_FALSE(archive_.GetParentStudy("Series", id)) << id;
      EXPECT_EQ(ErrorCode::NotFound, Catch([&] { archive_.GetInstanceSize(id); }).GetCode()) << id;
    }

    EXPECT_EQ(asked, core_.asked.size());
  }

  TEST_F(OrthancArchiveTest, StudiesAreFilteredByTheirDate)
  {
    core_.rest["GET /studies?expand&limit=500&since=0"].body =
      R"([{"ID":"old","MainDicomTags":{"StudyDate":"20191231"}},{"ID":"none","MainDicomTags":{}},
          {"ID":"first","MainDicomTags":{"StudyDate":"20200101"}},{"ID":"acr","MainDicomTags":{"StudyDate":"2020.03.01"}}])";
    core_.rest["GET /studies?expand&limit=500&since=450"].body =
      R"([{"ID":"last","MainDicomTags":{"StudyDate":"20201231"}},{"ID":"new","MainDicomTags":{"StudyDate":"20210101"}}])";
    core_.rest["GET /studies?expand&limit=500&since=900"].body = "[]";

    EXPECT_THAT(archive_.ListStudies({"20200101", "20201231", 0}), testing::ElementsAre("first", "acr", "last"));
    EXPECT_THAT(archive_.ListStudies({"20200101", "", 0}), testing::ElementsAre("first", "acr", "last", "new"));
    EXPECT_THAT(archive_.ListStudies({"20200101", "20201231", 2}), testing::ElementsAre("first", "acr"));
  }

  TEST_F(OrthancArchiveTest, TheSizeOfAFileIsKnownWithoutReadingIt)
  {
    core_.rest["GET /instances/i1/attachments/dicom/size"].body = "5368709120";
    EXPECT_EQ(5368709120u, archive_.GetInstanceSize("i1"));
    EXPECT_EQ(ErrorCode::NotFound, Catch([this] { archive_.GetInstanceSize("i2"); }).GetCode());
  }

  TEST_F(OrthancArchiveTest, AFileThatIsLostIsTheFilesFaultAndNotTheArchives)
  {
    core_.files["missing"].code = OrthancPluginErrorCode_RegularFileExpected;
    core_.files["spoilt"].code = OrthancPluginErrorCode_CorruptedFile;
    core_.files["away"].code = OrthancPluginErrorCode_DatabaseUnavailable;

    EXPECT_EQ(ErrorCode::Corrupt, Catch([this] { archive_.ReadInstance("missing"); }).GetCode());
    EXPECT_EQ(ErrorCode::Corrupt, Catch([this] { archive_.ReadInstance("spoilt"); }).GetCode());
    EXPECT_EQ(ErrorCode::Unavailable, Catch([this] { archive_.ReadInstance("away"); }).GetCode());
    EXPECT_EQ(ErrorCode::NotFound, Catch([this] { archive_.ReadInstance("deleted"); }).GetCode());
  }
}
