// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelWriter.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

namespace H3K27M::Pipeline
{
  using WorkState::TaskState;

  class WorkerPoolTest : public Testing::WorkerPoolFixture
  {
  };

  TEST_F(WorkerPoolTest, FinishesWhatIsQueued)
  {
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(0.9, store_->FindByStudy(STUDY)->probabilityAltered);
  }

  TEST_F(WorkerPoolTest, WaitsForTheEngineWithoutSpendingAttempts)
  {
    engine_.ready = false;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(TaskState::Queued, GetState());

    engine_.ready = true;
    pool.Wake();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(1u, store_->FindByStudy(STUDY)->attempts);
  }

  TEST_F(WorkerPoolTest, TriesAgainWhereItCanHelpAndThenGivesUpWithTheReason)
  {
    engine_.FailWith(Error(ErrorCode::Unavailable, "the engine died"));
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Dead));
    EXPECT_EQ(2u, store_->FindByStudy(STUDY)->attempts);
    EXPECT_EQ("the engine died", store_->FindByStudy(STUDY)->reason);
  }

  TEST_F(WorkerPoolTest, ADeadLetterLeavesNoSegmentationWithoutItsReport)
  {
    // The disk has room for the segmentation, and never for the report.
    archive_.SetHook([this](const std::string& call, const std::string&)
    {
      if (call == "Store" && !archive_.ListSeries("SEG").empty())
      {
        throw Error(ErrorCode::Unavailable, "no space left on device");
      }
    });
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Dead));
    EXPECT_EQ("no space left on device", store_->FindByStudy(STUDY)->reason);
    EXPECT_EQ("SEG", archive_.GetStoredModalities().back()) << "it was there";
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
  }

  TEST_F(WorkerPoolTest, DoesNotTryAgainWhereItCannotHelp)
  {
    engine_.FailWith(Error(ErrorCode::Corrupt, "the answer contradicts itself"));
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Dead));
    EXPECT_EQ(1u, store_->FindByStudy(STUDY)->attempts);
  }

  TEST_F(WorkerPoolTest, ACancelledStudyStopsSoon)
  {
    engine_.blocks = true;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));

    store_->Cancel(store_->FindByStudy(STUDY)->id, "not needed");
    EXPECT_TRUE(EventuallyIn(TaskState::Cancelled));
    EXPECT_TRUE(archive_.ListSeries("SR").empty());
  }

  TEST_F(WorkerPoolTest, AnOrderlyStopQueuesTheStudyAgainAndCostsNoAttempt)
  {
    engine_.blocks = true;
    Enqueue();

    {
      WorkerPool pool(*store_, engine_, triage_, MakeOptions());
      pool.Start();
      ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));
    }

    EXPECT_EQ(TaskState::Queued, GetState());
    EXPECT_EQ(0u, store_->FindByStudy(STUDY)->attempts);
  }

  TEST_F(WorkerPoolTest, AStudyThatWasDeletedIsForgotten)
  {
    Enqueue();
    archive_.DeleteStudy(STUDY);
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    EXPECT_TRUE(Eventually([this] { return !store_->FindByStudy(STUDY); }));
  }

  TEST_F(WorkerPoolTest, OfAStudyWithoutImagesWhatAPersonSaidStays)
  {
    Enqueue();
    Results::GenotypeLabel label;
    label.status = Results::GenotypeStatus::Altered;
    label.assay = Results::Assay::Other;
    label.site = "Bonn";
    label.annotator = "A";
    label.source = "test";
    const auto header = H3K27M::Support::DicomSeriesBuilder({}).MakeSlice(0);
    const Results::DicomInstance report = Results::WriteLabel(*header, label, Results::ContentDateTime::Now());
    archive_.Store(std::span(report.bytes));
    WorkState::StudyLabel copy;
    copy.studyId = STUDY;
    copy.instanceId = "instance";
    store_->GetLabels().Put(copy);
    archive_.DeleteSeries("E2.25.2001");
    ASSERT_TRUE(archive_.GetStudy(STUDY));

    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    EXPECT_TRUE(Eventually([this] { return !store_->FindByStudy(STUDY); }));
    EXPECT_TRUE(store_->GetLabels().Find(STUDY));
  }

  TEST_F(WorkerPoolTest, ImagesThatCameAfterQueueingAreInTheResult)
  {
    Enqueue();
    H3K27M::Support::DicomSeriesOptions options;
    options.slices = 7;
    StoreSeries(options);
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(7u, engine_.slices);
    EXPECT_EQ(1u, engine_.studies);
  }

  // By then the engine that is to be replaced does not serve any more.
  TEST_F(WorkerPoolTest, LooksWhichModelIsInForceBeforeItTakesAStudy)
  {
    WorkerOptions options = MakeOptions();
    options.workers = 1;
    options.followModel = [this] { engine_.ready = false; };
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, options);
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.timesWaitedFor > 0; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(TaskState::Queued, GetState());
    EXPECT_EQ(0u, engine_.studies);
  }

  TEST_F(WorkerPoolTest, WithTriageOffOnlyWhatAPersonAskedForIsComputed)
  {
    WorkerOptions options = MakeOptions();
    options.scope = WorkState::ClaimScope::Requested;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, options);
    pool.Start();
    pool.Wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(TaskState::Queued, GetState());

    store_->Request(STUDY);
    pool.Wake();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
  }
}
