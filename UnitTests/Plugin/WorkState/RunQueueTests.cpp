// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

#include <atomic>
#include <thread>
#include <vector>

namespace H3K27M::Testing
{
  using namespace WorkState;
  using Cancellation = RunQueue::Cancellation;

  class RunQueueContract : public OpenWorkStoreTest
  {
  protected:
    void Insert(const std::string& id)
    {
      WorkState::Run run;
      run.id = id;
      run.kind = "cross-validate";
      run.requestJson = R"({"kind":"cross-validate"})";
      store_->GetRuns().Insert(run);
      clock_.Advance(std::chrono::seconds(1));
    }

    std::optional<WorkState::Run> Claim(const std::string& owner = "server", unsigned maxRunning = 1)
    {
      return store_->GetRuns().Claim(owner, LEASE, maxRunning);
    }

    RunState GetState(const std::string& id)
    {
      return store_->GetRuns().Find(id).value().state;
    }
  };

  TEST_P(RunQueueContract, GoesFromQueuedToDone)
  {
    Insert("a");
    EXPECT_EQ(RunState::Queued, GetState("a"));
    const auto run = Claim();
    ASSERT_TRUE(run);
    EXPECT_EQ("a", run->id);
    EXPECT_EQ(1u, run->attempts);
    EXPECT_EQ(R"({"kind":"cross-validate"})", run->requestJson);
    EXPECT_EQ(std::optional<bool>(false), store_->GetRuns().Renew("a", "server", LEASE));
    EXPECT_TRUE(store_->GetRuns().SetDataset("a", "server", "0123"));
    EXPECT_TRUE(store_->GetRuns().Finish("a", "server", RunState::Done, "", R"({"auroc":1})"));

    const WorkState::Run done = store_->GetRuns().Find("a").value();
    EXPECT_EQ(RunState::Done, done.state);
    EXPECT_EQ("0123", done.datasetId);
    EXPECT_EQ(R"({"auroc":1})", done.resultJson);
    EXPECT_GE(done.finishedAt, done.startedAt);
    EXPECT_FALSE(store_->GetRuns().Find("b"));
  }

  TEST_P(RunQueueContract, RunsOneAfterAnotherTheOldestFirst)
  {
    Insert("first");
    Insert("second");
    EXPECT_EQ("first", Claim()->id);
    EXPECT_FALSE(Claim("another")) << "one training at a time, whoever asks";
    EXPECT_EQ("second", Claim("another", 2)->id);
    EXPECT_EQ(2u, store_->GetRuns().Count());
    EXPECT_EQ("second", store_->GetRuns().List({0, 1, {}, {}}).front().id) << "newest first";
    EXPECT_EQ("first", store_->GetRuns().List({1, 5, {}, {}}).front().id);
  }

  TEST_P(RunQueueContract, ListsThoseOfAStateOrAKindAlone)
  {
    Insert("first");
    Insert("second");
    Claim();
    WorkState::RunQuery query;
    query.state = RunState::Queued;
    EXPECT_EQ(1u, store_->GetRuns().Count(query));
    EXPECT_EQ("second", store_->GetRuns().List(query).front().id);
    query.kind = store_->GetRuns().Find("first")->kind;
    EXPECT_EQ(1u, store_->GetRuns().List(query).size());
    query.kind = "another";
    EXPECT_TRUE(store_->GetRuns().List(query).empty());
    query.state.reset();
    EXPECT_EQ(0u, store_->GetRuns().Count(query));
  }

  TEST_P(RunQueueContract, IsHandedOutOnce)
  {
    for (int i = 0; i < 20; i++)
    {
      Insert("run-" + std::to_string(i));
    }

    std::atomic<int> claimed = 0;
    std::vector<std::thread> workers;

    for (int worker = 0; worker < 4; worker++)
    {
      workers.emplace_back([this, worker, &claimed]
      {
        while (const auto run = Claim("server-" + std::to_string(worker), 3))
        {
          claimed++;
          store_->GetRuns().Finish(run->id, run->owner, RunState::Done, "", "");
        }
      });
    }

    for (std::thread& worker : workers)
    {
      worker.join();
    }

    // A worker may leave while three others run; what is left is taken afterwards, and nothing twice.
    while (const auto run = Claim())
    {
      claimed++;
      store_->GetRuns().Finish(run->id, run->owner, RunState::Done, "", "");
    }

    EXPECT_EQ(20, claimed);
  }

  TEST_P(RunQueueContract, IsCancelledAtOnceOrByItsWorker)
  {
    Insert("waits");
    EXPECT_EQ(Cancellation::Asked, store_->GetRuns().Cancel("waits"));
    EXPECT_EQ(RunState::Cancelled, GetState("waits"));
    EXPECT_EQ(Cancellation::Over, store_->GetRuns().Cancel("waits"));
    EXPECT_EQ(Cancellation::Over, store_->GetRuns().Cancel("unknown"));

    Insert("runs");
    Claim();
    EXPECT_EQ(Cancellation::Asked, store_->GetRuns().Cancel("runs"));
    EXPECT_EQ(RunState::Running, GetState("runs"));
    EXPECT_EQ(Cancellation::AskedBefore, store_->GetRuns().Cancel("runs"));
    EXPECT_EQ(std::optional<bool>(true), store_->GetRuns().Renew("runs", "server", LEASE));
    EXPECT_EQ(std::optional<bool>(true), store_->GetRuns().IsCancelling("runs", "server"));
    EXPECT_FALSE(store_->GetRuns().IsCancelling("runs", "another"));
    EXPECT_TRUE(store_->GetRuns().Finish("runs", "server", RunState::Cancelled, "cancelled", ""));

    EXPECT_TRUE(store_->GetRuns().Requeue("runs"));
    EXPECT_FALSE(store_->GetRuns().Requeue("runs"));
    EXPECT_EQ(1u, Claim()->attempts) << "a person asked for it anew";
    EXPECT_EQ(std::optional<bool>(false), store_->GetRuns().Renew("runs", "server", LEASE)) << "no longer cancelled";
  }

  TEST_P(RunQueueContract, AnOrderlyStopCostsNoAttemptAndAFailureDoes)
  {
    Insert("a");
    EXPECT_EQ(1u, Claim()->attempts);
    EXPECT_TRUE(store_->GetRuns().Release("a", "server", "Orthanc was stopped"));
    EXPECT_EQ(0u, store_->GetRuns().Find("a")->attempts);
    EXPECT_EQ(1u, Claim()->attempts);
    EXPECT_EQ(std::optional<bool>(false), store_->GetRuns().IsCancelling("a", "server"));
    EXPECT_TRUE(store_->GetRuns().TryAgain("a", "server", "the engine ended by signal 9"));
    EXPECT_EQ("the engine ended by signal 9", store_->GetRuns().Find("a")->reason);
    EXPECT_EQ(2u, Claim()->attempts);
    EXPECT_FALSE(store_->GetRuns().Release("a", "another", ""));
    EXPECT_FALSE(store_->GetRuns().TryAgain("a", "another", ""));
    EXPECT_EQ(2u, store_->GetRuns().Find("a")->attempts);
  }

  TEST_P(RunQueueContract, IsTakenUpAgainAfterARestartOrAnOverdueLease)
  {
    Insert("mine");
    Claim();
    EXPECT_EQ(0u, store_->GetRuns().Recover("another"));
    EXPECT_EQ(1u, store_->GetRuns().Recover("server")) << "this Orthanc was restarted";
    EXPECT_EQ(RunState::Queued, GetState("mine"));

    Claim("lost");
    clock_.Advance(LEASE + std::chrono::seconds(1));
    EXPECT_EQ(1u, store_->GetRuns().Recover("server"));
    EXPECT_FALSE(store_->GetRuns().Renew("mine", "lost", LEASE)) << "it is not the loser's any more";
    EXPECT_FALSE(store_->GetRuns().Finish("mine", "lost", RunState::Done, "", ""));
    EXPECT_FALSE(store_->GetRuns().SetDataset("mine", "lost", "x"));
    Claim();
    EXPECT_TRUE(store_->GetRuns().Release("mine", "server", "Orthanc was stopped"));
    EXPECT_EQ("Orthanc was stopped", store_->GetRuns().Find("mine")->reason);
  }

  INSTANTIATE_TEST_SUITE_P(Databases, RunQueueContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
