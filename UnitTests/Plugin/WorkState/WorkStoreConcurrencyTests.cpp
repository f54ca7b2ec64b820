// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/WorkStoreTestBase.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <mutex>
#include <thread>

namespace H3K27M::Testing
{
  using namespace WorkState;
  using std::chrono::milliseconds;

  namespace
  {
    constexpr milliseconds LEASE{60000};

    // Runs `work` in a process of its own that ends by SIGKILL, as a killed Orthanc does.
    template <typename Work>
    void RunKilled(Work&& work)
    {
      const pid_t child = fork();
      ASSERT_GE(child, 0);

      if (child == 0)
      {
        try
        {
          work();
        }
        catch (...)
        {
          _exit(1);
        }

        raise(SIGKILL);
      }

      int status = 0;
      ASSERT_EQ(child, waitpid(child, &status, 0));
      ASSERT_TRUE(WIFSIGNALED(status)) << "the process failed before it was killed";
    }
  }

  class WorkStoreConcurrency : public WorkStoreTestBase
  {
  };

  // Two Orthancs that make their first data set at once would else give one patient two names.
  TEST_P(WorkStoreConcurrency, AValueThatIsSetOnceIsTheSameForAllWhoSetIt)
  {
    const auto store = Open();
    std::mutex mutex;
    std::map<std::string, int> seen;
    std::vector<std::thread> threads;

    for (int i = 0; i < 4; i++)
    {
      threads.emplace_back([&, i]
      {
        try
        {
          const std::string value = store->SetValueOnce("key", std::to_string(i));
          const std::lock_guard lock(mutex);
          seen[value]++;
        }
        catch (const Error& e)
        {
          ADD_FAILURE() << e.what();
        }
      });
    }

    for (std::thread& thread : threads)
    {
      thread.join();
    }

    EXPECT_EQ(1u, seen.size());
    EXPECT_EQ(4, seen[store->GetValue("key").value_or("none")]);
  }

  TEST_P(WorkStoreConcurrency, HandsOutEachOf400TasksOnceTo4Threads)
  {
    constexpr int TASKS = 400;
    const auto store = Open();

    for (int i = 0; i < TASKS; i++)
    {
      store->Enqueue(MakeRequest("study-" + std::to_string(i)));
    }

    std::mutex mutex;
    std::map<std::int64_t, int> claims;
    std::vector<std::thread> workers;

    for (int i = 0; i < 4; i++)
    {
      workers.emplace_back([&, i]
      {
        try
        {
          while (const auto task = store->Claim("worker-" + std::to_string(i), LEASE))
          {
            {
              const std::lock_guard lock(mutex);
              claims[task->id]++;
            }

            TaskResult result;
            result.json = "{}";
            EXPECT_TRUE(store->Finish(task->GetTicket(), result));
          }
        }
        catch (const Error& e)
        {
          ADD_FAILURE() << e.what();
        }
      });
    }

    for (std::thread& worker : workers)
    {
      worker.join();
    }

    EXPECT_EQ(std::size_t{TASKS}, claims.size());

    for (const auto& [task, count] : claims)
    {
      EXPECT_EQ(1, count) << "task " << task;
    }

    EXPECT_EQ(std::uint64_t{TASKS}, store->GetCounters().byState.at(TaskState::Done));
  }

  TEST_P(WorkStoreConcurrency, QueuesOneStudyOnceWhenAllSlicesReportAtOnce)
  {
    const auto store = Open();
    std::atomic<int> inserted = 0;
    std::vector<std::thread> threads;

    for (int i = 0; i < 4; i++)
    {
      threads.emplace_back([&]
      {
        try
        {
          for (int slice = 0; slice < 25; slice++)
          {
            inserted += store->Enqueue(MakeRequest("study")) == EnqueueOutcome::Inserted ? 1 : 0;
          }
        }
        catch (const Error& e)
        {
          ADD_FAILURE() << e.what();
        }
      });
    }

    for (std::thread& thread : threads)
    {
      thread.join();
    }

    EXPECT_EQ(1, inserted);
    EXPECT_EQ(1u, store->List({}).total);
  }

  TEST_P(WorkStoreConcurrency, QueuesATaskAgainWhoseServerWasKilled)
  {
    RunKilled([&]
    {
      const auto store = Open();
      store->Enqueue(MakeRequest("study"));
      store->Claim("this-server", LEASE);
    });

    const auto store = Open();
    ASSERT_EQ(TaskState::Running, store->FindByStudy("study")->state);

    // Another server must not take what may still be worked on.
    EXPECT_EQ(0u, store->RecoverLeases("other-server", 10));
    EXPECT_FALSE(store->Claim("other-server", LEASE));

    EXPECT_EQ(1u, store->RecoverLeases("this-server", 10));
    const auto task = store->Claim("this-server", LEASE);
    ASSERT_TRUE(task);
    EXPECT_EQ(1u, task->attempts) << "being killed is no failed attempt";
    EXPECT_EQ(1u, task->interruptions);
  }

  TEST_P(WorkStoreConcurrency, KeepsEverythingAcknowledgedBeforeAKill)
  {
    RunKilled([&]
    {
      const auto store = Open();

      for (int i = 0; i < 20; i++)
      {
        store->Enqueue(MakeRequest("study-" + std::to_string(i)));
        store->AdvanceCursor("changes", i);
      }

      store->AppendAudit({0, 0, "admin", "test", "study-1", ""});
    });

    const auto store = Open();
    EXPECT_EQ(20u, store->List({}).total);
    EXPECT_EQ(19, store->GetCursor("changes"));
    EXPECT_EQ(1u, store->ListAudit({}).size());
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreConcurrency, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
