// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/ChangeLogSweep.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    class ChangeLogSweepTest : public Testing::PipelineFixture
    {
    protected:
      void Run()
      {
        ChangeLogSweep sweep(archive_, cursor_, [this](const std::string& id)
        {
          examined_.push_back(id);
          return examine_(id);
        }, [this](const std::stop_token&) { interludes_++; });
        sweep.Run(0, stop_.get_token());
      }

      // Whether the cursor stands behind all that the log holds; it lags in the store.
      bool IsRead()
      {
        const auto begin = std::chrono::steady_clock::now();
        cursor_.IsDue(begin);
        return !cursor_.IsDue(begin + std::chrono::seconds(30));
      }

      ChangeLogCursor cursor_{archive_, *store_};
      std::function<std::optional<Archive::StudySnapshot>(const std::string&)> examine_ = [this](const std::string& id)
      { return archive_.GetStudy(id); };
      std::vector<std::string> examined_;
      unsigned interludes_ = 0;
      std::stop_source stop_;
    };
  }

  TEST_F(ChangeLogSweepTest, ShowsEachStudyOnceAndAsksForItOnce)
  {
    StoreSeries();
    unsigned questions = 0;
    archive_.SetHook([&questions](const std::string& call, const std::string&)
    { questions += call == "GetParentStudy" ? 1 : 0; });
    Run();
    EXPECT_EQ(std::vector<std::string>{STUDY}, examined_);
    EXPECT_EQ(1u, questions) << "not one for each slice";
    EXPECT_GT(interludes_, 0u);
    EXPECT_TRUE(IsRead());
  }

  TEST_F(ChangeLogSweepTest, TheCursorStaysWhereAStudyCouldNotBeLookedAt)
  {
    StoreSeries();
    examine_ = [](const std::string&) -> std::optional<Archive::StudySnapshot>
    { throw Error(ErrorCode::Unavailable, "the store is away", true); };
    EXPECT_THROW(Run(), Error);
    EXPECT_FALSE(IsRead());
  }

  TEST_F(ChangeLogSweepTest, WhatIsWrongWithOneStudyHoldsUpNeitherTheOthersNorTheLog)
  {
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions other;
    other.studyInstanceUid = "2.25.1002";
    other.seriesInstanceUid = "2.25.2002";
    StoreSeries(other);
    examine_ = [this](const std::string& id)
    { return id == STUDY ? throw Error(ErrorCode::Corrupt, "its result cannot be read") : archive_.GetStudy(id); };
    Run();
    EXPECT_EQ(2u, examined_.size());
    EXPECT_TRUE(IsRead());
  }

  TEST_F(ChangeLogSweepTest, AStopEndsItAndTheCursorStays)
  {
    StoreSeries();
    stop_.request_stop();
    Run();
    EXPECT_TRUE(examined_.empty());
    EXPECT_FALSE(IsRead());
  }

  TEST_F(ChangeLogSweepTest, WhatIsGoneIsNoMatter)
  {
    StoreSeries();
    archive_.DeleteStudy(STUDY);
    Run();
    EXPECT_TRUE(examined_.empty());
    EXPECT_TRUE(IsRead());
  }
}
