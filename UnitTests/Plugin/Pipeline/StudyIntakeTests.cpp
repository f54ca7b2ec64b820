// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyIntake.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

#include <atomic>

namespace H3K27M::Pipeline
{
  using WorkState::TaskState;

  namespace
  {
    class StudyIntakeTest : public Testing::PipelineFixture
    {
    protected:
      std::unique_ptr<StudyIntake> Start(bool enabled = true)
      {
        IntakeOptions options;
        options.enabled = enabled;
        options.stableAge = std::chrono::seconds(3);
        options.onQueued = [this] { wakes_++; };
        auto intake = std::make_unique<StudyIntake>(archive_, *store_, clock_, options);
        intake->Start();
        return intake;
      }

      bool IsKnown()
      {
        return store_->FindByStudy(STUDY).has_value();
      }

      // Claims the one task and finishes it as if its report were stored (or not).
      void Finish(const std::string& json)
      {
        const auto task = store_->Claim("test", std::chrono::seconds(60));
        ASSERT_TRUE(task);
        ASSERT_TRUE(store_->Finish(task->GetTicket(), {"E2.25.2001", json, 0.5, 1.0}));
      }

      std::atomic<unsigned> wakes_ = 0;
    };
  }

  TEST_F(StudyIntakeTest, TheFirstStartBeginsAtTheEndOfTheChangeLog)
  {
    StoreSeries();
    const auto intake = Start();
    ASSERT_TRUE(Eventually([this] { return store_->GetCursor("changes").has_value(); }));
    EXPECT_EQ(archive_.GetLastChange(), store_->GetCursor("changes"));
    EXPECT_FALSE(IsKnown());
  }

  TEST_F(StudyIntakeTest, AStableStudyIsQueued)
  {
    const auto intake = Start();
    ASSERT_TRUE(Eventually([this] { return store_->GetCursor("changes").has_value(); }));
    StoreSeries();
    intake->OnStableStudy(STUDY);

    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
    EXPECT_TRUE(Eventually([this] { return wakes_ > 0; }));
  }

  TEST_F(StudyIntakeTest, WhatWasMissedWhileThePluginWasDownIsFoundInTheChangeLog)
  {
    {
      const auto before = Start();
      ASSERT_TRUE(Eventually([this] { return store_->GetCursor("changes").has_value(); }));
    }

    StoreSeries();
    archive_.SetLastUpdate(std::chrono::system_clock::now());
    const auto intake = Start();

    // After a restart Orthanc calls everything stable, so the study waits for the time of its last change.
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    EXPECT_GE(store_->FindByStudy(STUDY)->notBefore, clock_.NowMs() + 1000);
  }

  TEST_F(StudyIntakeTest, OurOwnResultsDoNotStartARound)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));

    TriageOptions options;
    options.softwareVersion = "0.0.0";
    Cancellation none;
    const auto task = store_->Claim("test", std::chrono::seconds(60));
    const TriageOutcome outcome = StudyTriage(archive_, engine_, decoder_, options).Run(*task, none);
    ASSERT_TRUE(store_->Finish(task->GetTicket(), outcome.result));

    intake->OnStableStudy(STUDY);
    intake->OnDeletedStudy("S2.25.9999");  // handled after it, so what follows has seen it
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(TaskState::Done, GetState());
  }

  TEST_F(StudyIntakeTest, AStudyThatIsDeletedAndSentAgainIsDoneAgain)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Finish(R"({"shadow":false,"report_instance_uid":"2.25.77"})");

    archive_.DeleteStudy(STUDY);
    intake->OnDeletedStudy(STUDY);
    ASSERT_TRUE(Eventually([this] { return !IsKnown(); }));
    StoreSeries();
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
  }

  TEST_F(StudyIntakeTest, AReportThatWentMissingIsMadeAgain)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Finish(R"({"shadow":false,"report_instance_uid":"2.25.77"})");
    ASSERT_EQ(TaskState::Done, GetState());

    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
  }

  TEST_F(StudyIntakeTest, SwitchedOffItQueuesNothingUnlessAsked)
  {
    const auto intake = Start(false);
    StoreSeries();
    intake->OnStableStudy(STUDY);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(IsKnown());

    intake->Request(STUDY, WorkState::Priority::Urgent, false);
    EXPECT_EQ(WorkState::Priority::Urgent, store_->FindByStudy(STUDY)->priority);
  }

  TEST_F(StudyIntakeTest, ARequestForAStudyThatIsNotThereIsAnError)
  {
    const auto intake = Start();
    EXPECT_THROW(intake->Request("Snothing", WorkState::Priority::Routine, false), Error);
  }

  TEST_F(StudyIntakeTest, BackfillQueuesThePastAtTheLowestPriority)
  {
    StoreSeries();
    const auto intake = Start();
    intake->Backfill({STUDY});
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
    EXPECT_EQ(WorkState::Priority::Backfill, store_->FindByStudy(STUDY)->priority);
    EXPECT_TRUE(Eventually([&intake] { return intake->GetBackfillPending() == 0; }));
  }
}
