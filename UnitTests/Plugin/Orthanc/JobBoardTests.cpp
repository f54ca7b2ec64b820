// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/JobBoard.h"

#include "UnitTests/Plugin/Orthanc/FakeCore.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    class JobBoardTest : public testing::Test
    {
    protected:
      JobBoardTest() :
        store_(WorkState::WorkStore::Open({"sqlite://" + GetDatabase()}, clock_))
      {
        for (const char* const id : {"a", "b"})
        {
          WorkState::Run run;
          run.id = id;
          run.kind = "snapshot";
          run.requestJson = "{}";
          store_->GetRuns().Insert(run);
          board_.Show(id);
        }
      }

      std::string GetDatabase() const
      {
        return (folder_.GetPath() / "work.db").string();
      }

      float GetProgress(std::size_t job)
      {
        return core_.jobs.at(job).getProgress(core_.jobs.at(job).job);
      }

      void Cancel(std::size_t job)
      {
        core_.jobs.at(job).stop(core_.jobs.at(job).job, OrthancPluginJobStopReason_Canceled);
      }

      Support::SystemClock clock_;
      Testing::TemporaryFolder folder_;
      Testing::FakeCore core_;
      std::unique_ptr<WorkState::WorkStore> store_;
      Runs::RunFolders folders_{folder_.GetPath() / "runs"};
      JobBoard board_{core_.GetContext(), *store_, folders_};
    };
  }

  TEST_F(JobBoardTest, ShowsEachRunOnceAndCancelsItsOwn)
  {
    board_.Show("a");
    EXPECT_EQ(2u, core_.jobs.size());
    EXPECT_NE(board_.Find("a"), board_.Find("b"));
    Cancel(0);
    EXPECT_EQ(WorkState::RunState::Cancelled, store_->GetRuns().Find("a")->state);
    EXPECT_EQ(WorkState::RunState::Queued, store_->GetRuns().Find("b")->state);
  }

  TEST_F(JobBoardTest, ACancellationStandsInTheAuditOnce)
  {
    const auto countEntries = [this](const char* run) { return store_->ListAudit({run, 0, 100}).size(); };
    ASSERT_TRUE(store_->GetRuns().Claim("server", std::chrono::minutes(1), 2));
    ASSERT_TRUE(store_->GetRuns().Claim("server", std::chrono::minutes(1), 2));
    Cancel(0);
    Cancel(0);
    EXPECT_EQ(1u, countEntries("a"));

    // By the route, which wrote its own entry.
    ASSERT_EQ(WorkState::RunQueue::Cancellation::Asked, store_->GetRuns().Cancel("b"));
    Cancel(1);
    EXPECT_EQ(0u, countEntries("b"));
    EXPECT_TRUE(store_->GetRuns().Find("b")->isCancelling);
  }

  // Orthanc keeps jobs that have ended, and lets them be submitted again: they would cancel the run like its newest.
  TEST_F(JobBoardTest, KnowsTheRunOfEachJobAlsoOfAFormerOne)
  {
    const std::string former = board_.Find("a");
    Cancel(0);
    ASSERT_TRUE(store_->GetRuns().Requeue("a"));
    board_.Show("a");
    ASSERT_NE(former, board_.Find("a"));

    for (const std::string& job : {former, board_.Find("a")})
    {
      const JobBoard::JobRequest request = board_.Parse("/jobs/" + job + "/cancel");
      EXPECT_EQ("a", request.runId);
      EXPECT_EQ("cancel", request.action);
    }

    EXPECT_EQ("a", board_.Parse("/jobs/" + former).runId);
    EXPECT_EQ("", board_.Parse("/jobs/" + former).action);
    EXPECT_EQ("", board_.Parse("/jobs/of-another/cancel").runId);
    EXPECT_EQ("", board_.Parse("/studies/" + former + "/cancel").runId);
  }

  // A job that waits or is paused is not told by the core that it was cancelled.
  TEST_F(JobBoardTest, ARunWhoseJobWasEndedByOthersGetsAnother)
  {
    board_.SetEnded("a");
    board_.Show("a");
    EXPECT_EQ(3u, core_.jobs.size());
  }

  // A core that asks for the progress of all its jobs must not wait for the database that one of them waits for.
  TEST_F(JobBoardTest, AJobThatWaitsForTheDatabaseHoldsNoOtherUp)
  {
    std::filesystem::create_directories(folder_.GetPath() / "runs" / "b");
    std::ofstream(folder_.GetPath() / "runs" / "b" / "progress.json") << R"({"fraction": 0.5})";
    soci::session writer(soci::sqlite3, "db=\"" + GetDatabase() + "\" timeout=10");
    writer << "BEGIN IMMEDIATE";
    std::atomic<bool> isCancelled = false;
    std::jthread waits([&]
    {
      Cancel(0);
      isCancelled = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FLOAT_EQ(0.5F, GetProgress(1));
    EXPECT_FALSE(isCancelled) << "the database was not in its way";
    writer << "ROLLBACK";
    waits.join();
    EXPECT_EQ(WorkState::RunState::Cancelled, store_->GetRuns().Find("a")->state);
  }

  TEST_F(JobBoardTest, AfterItIsClosedTheJobsLookAtNothing)
  {
    board_.Close();
    EXPECT_FLOAT_EQ(0, GetProgress(1));
    Cancel(0);
    EXPECT_EQ(WorkState::RunState::Queued, store_->GetRuns().Find("a")->state);
  }
}
