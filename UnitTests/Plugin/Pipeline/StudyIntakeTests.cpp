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
      std::unique_ptr<StudyIntake> Make(bool enabled = true)
      {
        IntakeOptions options;
        options.enabled = enabled;
        options.stableAge = std::chrono::seconds(3);
        options.retryDelay = std::chrono::milliseconds(10);
        options.deletionWait = std::chrono::milliseconds(0);
        options.onQueued = [this] { wakes_++; };
        return std::make_unique<StudyIntake>(archive_, *store_, clock_, options);
      }

      std::unique_ptr<StudyIntake> Start(bool enabled = true)
      {
        std::unique_ptr<StudyIntake> intake = Make(enabled);
        intake->Start();
        return intake;
      }

      // Another study than STUDY, with one series.
      std::string StoreStudy(unsigned number)
      {
        H3K27M::Support::DicomSeriesOptions options;
        options.studyInstanceUid = "2.25.1001." + std::to_string(number);
        options.seriesInstanceUid = "2.25.2001." + std::to_string(number);
        StoreSeries(options);
        return "S" + options.studyInstanceUid;
      }

      // The archive is away for the first `calls` calls about studies.
      void FailAtFirst(int calls)
      {
        failures_ = calls;
        archive_.SetHook([this](const std::string& call, const std::string&)
        {
          if (call == "GetStudy" && failures_-- > 0)
          {
            throw Error(ErrorCode::Unavailable, "the archive is away");
          }
        });
      }

      std::int64_t GetTaskId(const std::string& studyId)
      {
        const auto task = store_->FindByStudy(studyId);
        return task ? task->id : -1;
      }

      // Does what a worker would.
      void Process()
      {
        TriageOptions options;
        options.softwareVersion = "0.0.0";
        Cancellation none;
        const auto task = store_->Claim("test", std::chrono::seconds(60));
        ASSERT_TRUE(task);
        const TriageOutcome outcome = StudyTriage(archive_, engine_, decoder_, options).Run(*task, none);
        ASSERT_TRUE(store_->Finish(task->GetTicket(), outcome.result));
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
      std::atomic<int> failures_ = 0;
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

    Process();

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

  TEST_F(StudyIntakeTest, ADeletionThatCouldNotBeHandledAtOnceIsNotLost)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));

    archive_.DeleteStudy(STUDY);
    FailAtFirst(2);
    intake->OnDeletedStudy(STUDY);
    EXPECT_TRUE(Eventually([this] { return !IsKnown(); }));
  }

  TEST_F(StudyIntakeTest, AnEventThatComesDuringTheWaitAfterAFailureIsNotLost)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));

    archive_.DeleteStudy(STUDY);
    FailAtFirst(1);
    intake->OnStableStudy("S2.25.9999");  // fails
    intake->OnDeletedStudy(STUDY);
    EXPECT_TRUE(Eventually([this] { return !IsKnown(); }));
  }

  TEST_F(StudyIntakeTest, ABackfillOutlivesAnArchiveThatIsAwayAndIsCountedToItsEnd)
  {
    const std::vector<std::string> studies = {StoreStudy(1), StoreStudy(2), StoreStudy(3)};
    FailAtFirst(4);
    const auto intake = Start(false);
    intake->Backfill(studies);

    for (const std::string& study : studies)
    {
      EXPECT_TRUE(Eventually([this, &study] { return store_->FindByStudy(study).has_value(); })) << study;
    }

    EXPECT_TRUE(Eventually([&intake] { return intake->GetBackfillPending() == 0; }));
  }

  TEST_F(StudyIntakeTest, LiveEventsGoBeforeABackfill)
  {
    StoreSeries();
    const std::vector<std::string> past = {StoreStudy(1), StoreStudy(2)};
    const auto intake = Make();
    intake->Backfill(past);
    intake->OnStableStudy(STUDY);
    intake->Start();

    ASSERT_TRUE(Eventually([&intake] { return intake->GetBackfillPending() == 0; }));
    EXPECT_LT(GetTaskId(STUDY), GetTaskId(past[0]));
    EXPECT_LT(GetTaskId(past[0]), GetTaskId(past[1]));
  }

  TEST_F(StudyIntakeTest, AStoppedBackfillQueuesNothingMoreAndAnotherMayBegin)
  {
    const std::vector<std::string> past = {StoreStudy(1), StoreStudy(2)};
    const auto intake = Make();
    intake->Backfill(past);
    EXPECT_EQ(2u, intake->StopBackfill());
    EXPECT_EQ(0u, intake->GetBackfillPending());

    intake->Backfill({past[1]});
    intake->Start();
    ASSERT_TRUE(Eventually([this, &past] { return store_->FindByStudy(past[1]).has_value(); }));
    EXPECT_FALSE(store_->FindByStudy(past[0]));
  }

  TEST_F(StudyIntakeTest, LiveEventsGoBetweenTheStepsOfASweep)
  {
    store_->AdvanceCursor("changes", 0);
    StoreStudy(1);  // of the sweep's first step
    const std::string missed = StoreStudy(2);
    const auto intake = Make();
    archive_.SetHook([this, &intake](const std::string& call, const std::string&)
    {
      if (call == "GetParentStudy" && !IsKnown())
      {
        archive_.SetHook({});
        StoreSeries();
        intake->OnStableStudy(STUDY);
      }
    });
    intake->Start();

    ASSERT_TRUE(Eventually([this, &missed] { return GetTaskId(missed) > 0 && IsKnown(); }));
    EXPECT_LT(GetTaskId(STUDY), GetTaskId(missed));
  }

  TEST_F(StudyIntakeTest, AStopDoesNotWaitForTheEndOfASweep)
  {
    for (unsigned number = 0; number < 100; number++)
    {
      StoreStudy(number);
    }

    store_->AdvanceCursor("changes", 0);
    std::atomic<unsigned> steps = 0;
    archive_.SetHook([&steps](const std::string& call, const std::string&)
    {
      if (call == "GetParentStudy")
      {
        steps++;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    });

    const auto intake = Start();
    ASSERT_TRUE(Eventually([&steps] { return steps > 0; }));
    intake->Stop();
    EXPECT_LT(steps, 50u);
  }

  TEST_F(StudyIntakeTest, ABackfillThatIsTooLargeIsRefusedWithItsReason)
  {
    const auto intake = Make();

    try
    {
      intake->Backfill(std::vector<std::string>(200'001, STUDY));
      FAIL() << "it was taken";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
      EXPECT_THAT(e.what(), testing::HasSubstr("200000"));
    }

    EXPECT_EQ(0u, intake->GetBackfillPending());
    intake->Backfill({STUDY});
    EXPECT_THROW(intake->Backfill({STUDY}), Error);
  }

  TEST_F(StudyIntakeTest, AStudyIsNotTakenBeforeItIsStableHoweverItBecameKnown)
  {
    StoreSeries();
    const std::string past = StoreStudy(1);
    archive_.SetLastUpdate(std::chrono::system_clock::now());
    const auto intake = Start();

    // Our own StableAgeSeconds may be longer than the archive's.
    intake->OnStableStudy(STUDY);
    intake->Backfill({past});
    ASSERT_TRUE(Eventually([this, &past] { return IsKnown() && GetTaskId(past) > 0; }));
    EXPECT_GE(store_->FindByStudy(STUDY)->notBefore, clock_.NowMs() + 1000);
    EXPECT_GE(store_->FindByStudy(past)->notBefore, clock_.NowMs() + 1000);
  }

  TEST_F(StudyIntakeTest, ASegmentationThatWentMissingIsMadeAgain)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Process();
    ASSERT_EQ(TaskState::Done, GetState());

    archive_.DeleteSeries("E" + archive_.ListSeries("SEG").front());
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
  }

  TEST_F(StudyIntakeTest, AStudyIsComputedAnewWhenTheSeriesOfItsResultIsDeleted)
  {
    const auto intake = Start();
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    StoreSeries(second);
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Process();
    ASSERT_EQ("E2.25.2001", store_->FindByStudy(STUDY)->seriesId);
    const std::string segmentation = "E" + archive_.ListSeries("SEG").front();

    archive_.DeleteSeries("E2.25.2001");
    intake->OnDeletedSeries("E2.25.2001");
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Process();
    EXPECT_EQ("E2.25.2002", store_->FindByStudy(STUDY)->seriesId);

    // The archive tells of the results that were replaced, too.
    ASSERT_NE(segmentation, "E" + archive_.ListSeries("SEG").front());
    intake->OnDeletedSeries(segmentation);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(TaskState::Done, GetState());
    EXPECT_EQ(2u, engine_.studies);
  }

  TEST_F(StudyIntakeTest, AStudyWhoseOnlySeriesIsDeletedIsQueuedForItsResultToGo)
  {
    const auto intake = Start();
    StoreSeries();
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    Process();

    archive_.DeleteSeries("E2.25.2001");
    intake->OnDeletedSeries("E2.25.2001");
    ASSERT_TRUE(EventuallyIn(TaskState::Queued));
    EXPECT_EQ("", store_->FindByStudy(STUDY)->fingerprint);

    ASSERT_TRUE(store_->ForgetTask(STUDY));  // as the worker does, which spares what people said
    intake->OnStableStudy(STUDY);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(IsKnown());
  }
}
