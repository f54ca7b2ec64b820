// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The time of day set back under a running plugin, and under one that was away.

#include "Plugin/Pipeline/ClockGuard.h"
#include "Plugin/Pipeline/StudyIntake.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"
#include "UnitTests/Support/FakeClock.h"

namespace H3K27M::Pipeline
{
  using std::chrono::hours;
  using std::chrono::minutes;

  namespace
  {
    class ClockGuardTest : public Testing::PipelineFixture
    {
    protected:
      ClockGuardTest() :
        storeOfFakeTime_(WorkState::WorkStore::Open(MakeOptions(), fake_))
      {
      }

      WorkState::StoreOptions MakeOptions()
      {
        WorkState::StoreOptions options;
        options.connection = "sqlite://" + (ownFolder_.GetPath() / "fake.db").string();
        return options;
      }

      // A study that failed and waits for half a minute.
      void MakeFailed()
      {
        WorkState::EnqueueRequest request;
        request.studyId = "a";
        request.studyInstanceUid = "1.2";
        request.fingerprint = "f";
        storeOfFakeTime_->Enqueue(request);
        const auto task = storeOfFakeTime_->Claim("server", minutes(1));
        ASSERT_TRUE(task);
        ASSERT_TRUE(storeOfFakeTime_->Fail(task->GetTicket(), "the engine ended", true, {}));
      }

      bool IsDue()
      {
        return storeOfFakeTime_->Claim("server", minutes(1)).has_value();
      }

      Testing::TemporaryFolder ownFolder_;
      Testing::FakeClock fake_;
      std::unique_ptr<WorkState::WorkStore> storeOfFakeTime_;
    };
  }

  TEST_F(ClockGuardTest, AClockThatGoesOnChangesNothing)
  {
    ClockGuard guard(*storeOfFakeTime_, fake_, std::chrono::seconds(4), hours(1));
    MakeFailed();
    guard.Check();
    EXPECT_FALSE(IsDue());
    fake_.Advance(minutes(1));
    guard.Check();
    EXPECT_TRUE(IsDue());
  }

  TEST_F(ClockGuardTest, AStudyWaitsNoLongerBecauseTheClockWasSetBack)
  {
    ClockGuard guard(*storeOfFakeTime_, fake_, std::chrono::seconds(4), hours(1));
    MakeFailed();
    fake_.Advance(-minutes(50));
    guard.Check();
    fake_.Advance(minutes(1));
    EXPECT_TRUE(IsDue());
  }

  TEST_F(ClockGuardTest, AClockThatWasSetBackBeforeTheStartCostsNoMoreThanTheLongestWait)
  {
    MakeFailed();
    fake_.Advance(-hours(1000));
    ClockGuard guard(*storeOfFakeTime_, fake_, std::chrono::seconds(4), hours(1));
    guard.Check();
    fake_.Advance(hours(1));
    EXPECT_TRUE(IsDue());
  }

  // A machine that began with a clock that ran ahead: what came after it was corrected was taken for the past.
  TEST_F(ClockGuardTest, AStudyThatCameAfterTheClockWasCorrectedIsNotOfThePast)
  {
    IntakeOptions options;
    options.stableAge = std::chrono::seconds(1);
    options.coreStableAge = std::chrono::seconds(1);
    options.onQueued = [] {};
    StudyIntake intake(archive_, *storeOfFakeTime_, fake_, options);
    intake.Start();
    ASSERT_TRUE(Eventually([this] { return storeOfFakeTime_->GetValue("first_start_ms").has_value(); }));
    fake_.Advance(-hours(1));
    archive_.SetSourceTime(std::chrono::system_clock::time_point(std::chrono::milliseconds(fake_.NowMs())));
    StoreSeries();
    intake.OnStableStudy(STUDY);
    EXPECT_TRUE(Eventually([this] { return storeOfFakeTime_->FindByStudy(STUDY).has_value(); }));
  }
}
