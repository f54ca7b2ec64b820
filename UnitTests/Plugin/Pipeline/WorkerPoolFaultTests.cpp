// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Workers whose engine, database or fellow Orthanc fails.

#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"
#include "UnitTests/Support/LogRecorder.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>

namespace H3K27M::Pipeline
{
  using WorkState::TaskState;

  namespace
  {
    class WorkerPoolFaultTest : public Testing::WorkerPoolFixture
    {
    protected:
      bool IsLogged(const std::string& text) const
      {
        const auto lines = log_.GetLines();
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return line.second.find(text) != std::string::npos; });
      }

      // Without its table the work store fails in every call, and works again once it is back.
      void HideTable()
      {
        Execute("ALTER TABLE h3k27m_tasks RENAME TO hidden");
      }

      void BringTableBack()
      {
        Execute("ALTER TABLE hidden RENAME TO h3k27m_tasks");
      }

    private:
      void Execute(const std::string& sql)
      {
        soci::session session(soci::sqlite3, "db=\"" + (folder_.GetPath() / "work.db").string() + "\" timeout=10");
        session << sql;
      }

      Testing::LogRecorder log_;
    };
  }

  TEST_F(WorkerPoolFaultTest, DoesNotSpinWhenTheEngineIsGivenUp)
  {
    engine_.ready = false;
    engine_.givenUp = true;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_LT(engine_.timesWaitedFor, 20u);

    engine_.givenUp = false;
    engine_.ready = true;
    pool.Wake();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
  }

  TEST_F(WorkerPoolFaultTest, AStudyThatTheEngineHadNoRoomForCostsNoAttempt)
  {
    engine_.FailWith(Error(ErrorCode::Busy, "The engine holds as many studies as it may"));
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();

    // More rounds than it has attempts.
    for (unsigned round = 1; round <= 4; round++)
    {
      ASSERT_TRUE(Eventually([&] { return engine_.studies >= round; }));
      // State and attempts in one look: the pool takes it up again by itself.
      ASSERT_TRUE(Eventually(
        [this]
      {
        const auto task = store_->FindByStudy(STUDY);
        return task->state == TaskState::Queued && task->attempts == 0;
      }))
        << "each round would cost one";
      pool.Wake();
    }

    EXPECT_LT(engine_.studies, 50u) << "it asks again and again without a pause";
    engine_.FailWith(std::nullopt);
    pool.Wake();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(1u, store_->FindByStudy(STUDY)->attempts);
  }

  TEST_F(WorkerPoolFaultTest, AStudyOfAnOrthancThatDiedIsTakenOver)
  {
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    ASSERT_TRUE(store_->Claim("another Orthanc", std::chrono::milliseconds(50)));
    pool.Start();

    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(1u, store_->FindByStudy(STUDY)->interruptions);
  }

  TEST_F(WorkerPoolFaultTest, AStudyThatTakesManyLeasesIsNotTakenForLost)
  {
    engine_.blocks = true;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));
    std::this_thread::sleep_for(3 * MakeOptions().lease);
    EXPECT_EQ(TaskState::Running, GetState());
    EXPECT_EQ(0u, store_->FindByStudy(STUDY)->interruptions);
    EXPECT_EQ(1u, engine_.studies);
    engine_.blocks = false;
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
  }

  TEST_F(WorkerPoolFaultTest, AWorkerThatIsCutOffFromTheStoreForLongerThanItsLeaseStops)
  {
    engine_.blocks = true;
    Enqueue();
    WorkerPool pool(*store_, engine_, triage_, MakeOptions());
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));

    HideTable();
    EXPECT_TRUE(Eventually([this] { return IsLogged("its claim was lost"); })) << "the engine still computes";
    EXPECT_EQ(1u, engine_.studies);
    engine_.blocks = false;
    BringTableBack();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
    EXPECT_EQ(2u, engine_.studies);
    EXPECT_EQ(1u, store_->FindByStudy(STUDY)->interruptions);
  }

  TEST_F(WorkerPoolFaultTest, TheEndOfAStudyIsRecordedOnceTheDatabaseIsBack)
  {
    engine_.blocks = true;
    engine_.FailWith(Error(ErrorCode::Corrupt, "all voxels are equal"));
    Enqueue();
    WorkerOptions options = MakeOptions();
    options.lease = std::chrono::seconds(10);
    WorkerPool pool(*store_, engine_, triage_, options);
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));

    HideTable();
    engine_.blocks = false;
    EXPECT_TRUE(Eventually([this] { return IsLogged("its end cannot be recorded"); }));
    BringTableBack();
    EXPECT_TRUE(EventuallyIn(TaskState::Dead));
    EXPECT_EQ("all voxels are equal", store_->FindByStudy(STUDY)->reason);
  }

  TEST_F(WorkerPoolFaultTest, AStudyWhoseEndWasNeverRecordedIsNotRunningForEver)
  {
    engine_.blocks = true;
    engine_.FailWith(Error(ErrorCode::Corrupt, "all voxels are equal"));
    Enqueue();
    WorkerOptions options = MakeOptions();
    options.lease =
      std::chrono::seconds(3);  // longer than the failed attempts to record take, however slow the machine
    WorkerPool pool(*store_, engine_, triage_, options);
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));

    HideTable();
    engine_.blocks = false;
    EXPECT_TRUE(Eventually([this] { return IsLogged("given up, its lease will run out"); }));
    engine_.FailWith(std::nullopt);
    BringTableBack();
    EXPECT_TRUE(EventuallyIn(TaskState::Done));
  }

  TEST_F(WorkerPoolFaultTest, StopsWhileTheEndOfAStudyCannotBeRecorded)
  {
    engine_.blocks = true;
    Enqueue();
    WorkerOptions options = MakeOptions();
    options.lease = std::chrono::hours(1);
    WorkerPool pool(*store_, engine_, triage_, options);
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return engine_.studies == 1; }));

    HideTable();
    engine_.FailWith(Error(ErrorCode::Corrupt, "all voxels are equal"));
    engine_.blocks = false;
    EXPECT_TRUE(Eventually([this] { return engine_.studies == 1 && IsLogged("all voxels are equal"); }));
    pool.Stop();
    BringTableBack();
    EXPECT_EQ(TaskState::Running, GetState()) << "the next start recovers it";
  }
}
