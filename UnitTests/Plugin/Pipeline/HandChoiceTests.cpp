// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/HandChoice.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Pipeline/StudyCase.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"
#include "UnitTests/Support/Refusal.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    class HandChoiceTest : public Testing::PipelineFixture
    {
    protected:
      std::string Judge(const std::string& seriesId)
      {
        const StudyTriage triage(archive_, engine_, decoder_, {});
        return Tests::GetRefusal([&] { RequireReadable(triage, archive_.GetStudy(STUDY).value(), {seriesId, "ann"}); });
      }
    };
  }

  TEST_F(HandChoiceTest, IsKeptOverARestartUntilItIsWithdrawn)
  {
    EXPECT_FALSE(FindHandChoice(*store_, STUDY));
    SetHandChoice(*store_, STUDY, {"E1", "bob"});
    SetHandChoice(*store_, STUDY, {"E2", "ann"});
    store_.reset();
    store_ = WorkState::WorkStore::Open({"sqlite://" + (folder_.GetPath() / "work.db").string()}, clock_);
    const std::optional<HandChoice> choice = FindHandChoice(*store_, STUDY);
    ASSERT_TRUE(choice);
    EXPECT_EQ("E2", choice->seriesId);
    EXPECT_EQ("ann", choice->by);
    EXPECT_FALSE(FindHandChoice(*store_, "another"));

    WithdrawHandChoice(*store_, STUDY);
    EXPECT_FALSE(FindHandChoice(*store_, STUDY));
    EXPECT_THAT(Tests::GetRefusal([this] { WithdrawHandChoice(*store_, STUDY); }),
                testing::HasSubstr("was chosen by hand"));
  }

  TEST_F(HandChoiceTest, GoesWithTheStudyAndNotWithItsTask)
  {
    StoreSeries();
    Enqueue();
    SetHandChoice(*store_, STUDY, {"E1", "ann"});
    EXPECT_TRUE(store_->ForgetTask(STUDY));
    EXPECT_TRUE(FindHandChoice(*store_, STUDY));
    store_->Forget(STUDY);
    EXPECT_FALSE(FindHandChoice(*store_, STUDY));
  }

  TEST_F(HandChoiceTest, IsOfAnImageSeriesOfTheStudyThatCanBeRead)
  {
    H3K27M::Support::DicomSeriesOptions flair;
    flair.seriesDescription = "AX FLAIR";
    StoreSeries(flair);
    H3K27M::Support::DicomSeriesOptions sagittal;
    sagittal.seriesInstanceUid = "2.25.2002";
    sagittal.orientation = {"0", "1", "0", "0", "0", "-1"};
    StoreSeries(sagittal);
    H3K27M::Support::DicomSeriesOptions ofAnother;
    ofAnother.studyInstanceUid = "2.25.1002";
    ofAnother.seriesInstanceUid = "2.25.2003";
    StoreSeries(ofAnother);

    EXPECT_EQ("accepted", Judge("E2.25.2001"));
    EXPECT_THAT(Judge("E2.25.2002"), testing::HasSubstr("cannot be read, whoever chooses it; nothing was changed. "
                                                        "orientation: 90 degrees from axial"));
    EXPECT_THAT(Judge("E2.25.2003"), testing::HasSubstr("has no image series E2.25.2003"));
  }

  // What the rules would have put first was not preferred: the page had said so of the series beside the chosen one.
  TEST_F(HandChoiceTest, NothingStandsBehindAnotherSeriesWhereAPersonHasChosen)
  {
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    StoreSeries(second);
    std::optional<HandChoice> choice;
    TriageOptions options;
    options.findChoice = [&choice](const std::string&) { return choice; };
    const StudyTriage triage(archive_, engine_, decoder_, options);
    const auto listBehind = [&]
    {
      const Archive::StudySnapshot study = archive_.GetStudy(STUDY).value();
      const std::vector<SeriesReading> readings = ReadSourceSeries(triage, study, Routing::Contrast::T2w);
      const Json::Value json = Protocol::ParseJson(DescribeCase({}, readings).json);
      std::vector<std::string> behind;

      for (const Json::Value& verdict : json["routing"])
      {
        if (verdict.isMember("behind"))
        {
          behind.push_back(verdict["series"].asString());
        }
      }

      return behind;
    };

    EXPECT_EQ(std::vector<std::string>{"E2.25.2002"}, listBehind()) << "the rules put the other one first";

    for (const char* const chosen : {"E2.25.2002", "E2.25.2001"})
    {
      choice = HandChoice{chosen, "ann"};
      EXPECT_EQ(std::vector<std::string>{}, listBehind()) << chosen << " was chosen";
    }
  }
}
