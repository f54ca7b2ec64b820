// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunWorker.h"

#include "Inference/Protocol/JsonText.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"
#include "UnitTests/Support/LogRecorder.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <stdexcept>

namespace H3K27M::Runs
{
  using WorkState::RunState;

  namespace
  {
    class RunWorkerTest : public Testing::WorkerPoolFixture
    {
    protected:
      RunWorkerTest()
      {
        // In the place of the engine's program: it takes any arguments, and time.
        WriteEngine("exec sleep 60");
        options_.owner = "server";
        const std::filesystem::path model = folder_.GetPath() / "installed" / "first";
        std::filesystem::create_directories(model);
        std::ofstream(model / "card.json") << R"({"variant": "fusion", "weights_sha256": "aa"})";
        std::ofstream(model / "model.safetensors") << "weights";
      }

      void WriteEngine(const std::string& script)
      {
        const std::filesystem::path program = folder_.GetPath() / "engine";
        std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        options_.launch.program = program.string();
      }

      void Insert(const std::string& kind, const std::string& requestJson)
      {
        WorkState::Run run;
        run.id = "r";
        run.kind = kind;
        run.requestJson = requestJson;
        store_->GetRuns().Insert(run);
      }

      WorkState::Run Find()
      {
        return store_->GetRuns().Find("r").value();
      }

      void Execute(const std::string& sql)
      {
        soci::session session(soci::sqlite3, "db=\"" + (folder_.GetPath() / "work.db").string() + "\" timeout=10");
        session << sql;
      }

      Testing::LogRecorder log_;
      RunWorkerOptions options_;
      Datasets::StudyExport export_{archive_, triage_, decoder_};
      Datasets::DatasetSnapshot datasets_{*store_, export_, {folder_.GetPath() / "runs" / "datasets", "server"}};
      Models::ModelCatalog models_{folder_.GetPath() / "installed" / "first", folder_.GetPath() / "runs",
                                   folder_.GetPath() / "uploads"};
      Models::ModelChoice choice_{models_, *store_, [](const std::filesystem::path&) {}};
      RunFolders folders_{folder_.GetPath() / "runs"};
    };

    constexpr const char* ON_PHANTOMS = R"({"kind": "pretrain", "phantoms": 3})";
  }

  TEST_F(RunWorkerTest, AnOrderlyStopQueuesTheRunAgainAndCostsNoAttempt)
  {
    Insert("pretrain", ON_PHANTOMS);

    for (int round = 0; round < 2; round++)
    {
      RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
      worker.Start();
      ASSERT_TRUE(Eventually([this] { return Find().state == RunState::Running; }));
      worker.Stop();
      EXPECT_EQ(RunState::Queued, Find().state);
      EXPECT_EQ(0u, Find().attempts);
    }
  }

  TEST_F(RunWorkerTest, AStopEndsTheCheckThatARequestWaitsFor)
  {
    const std::filesystem::path began = folder_.GetPath() / "began";
    WriteEngine("touch " + began.string() + "; exec sleep 60");
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    const RunSpec spec = RunSpec::Parse(Protocol::ParseJson(ON_PHANTOMS));
    std::future<ErrorCode> check = std::async(std::launch::async, [&]
    {
      try
      {
        worker.Check(spec);
        return ErrorCode::Internal;
      }
      catch (const Error& e)
      {
        return e.GetCode();
      }
    });
    ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(began); }));
    worker.Stop();
    EXPECT_EQ(std::future_status::ready, check.wait_for(std::chrono::seconds(30)));
    EXPECT_EQ(ErrorCode::Unavailable, check.get());
  }

  // Each renewal is a write that waits for the disk.
  TEST_F(RunWorkerTest, SeesACancellationSoonWithoutRenewingItsLeaseEachTime)
  {
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    ASSERT_TRUE(Eventually([this] { return Find().state == RunState::Running; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_EQ(Find().startedAt + options_.lease.count(), Find().leaseEnd);
    ASSERT_EQ(WorkState::RunQueue::Cancellation::Asked, store_->GetRuns().Cancel("r"));
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Cancelled; }));
  }

  TEST_F(RunWorkerTest, RenewsItsLeaseInTime)
  {
    options_.lease = std::chrono::milliseconds(1500);
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().leaseEnd > Find().startedAt + 2 * options_.lease.count(); }));
    EXPECT_EQ(1u, Find().attempts);
  }

  TEST_F(RunWorkerTest, ADatabaseThatIsAwayForAMomentCostsNoDataSet)
  {
    Support::DicomSeriesOptions second;
    second.studyInstanceUid = "2.25.1102";
    second.seriesInstanceUid = "2.25.2102";
    StoreSeries(second);
    std::atomic<unsigned> reads = 0;
    // Between the first study and the second the worker looks whether it is to stop, and at the end it records what it
    // made.
    archive_.SetHook([&](const std::string& call, const std::string&)
    {
      if (call == "ReadInstance" && ++reads == 2)
      {
        Execute("ALTER TABLE h3k27m_runs RENAME TO hidden");
      }
    });
    Insert("snapshot", R"({"kind": "snapshot", "contents": "unlabelled"})");
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    ASSERT_TRUE(Eventually([this]
    {
      const auto lines = log_.GetLines();
      return std::any_of(lines.begin(), lines.end(), [](const auto& line)
      { return line.second.find("cannot be recorded yet") != std::string::npos; });
    }));
    EXPECT_GT(reads, 8u) << "all images were read meanwhile";
    Execute("ALTER TABLE hidden RENAME TO h3k27m_runs");
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Done; })) << Find().reason;
    EXPECT_EQ(1u, Find().attempts);
    worker.Stop();
    archive_.SetHook(nullptr);
  }

  TEST_F(RunWorkerTest, WhatMayGoThroughLaterIsTriedAgain)
  {
    options_.pause = std::chrono::milliseconds(10);
    WriteEngine("echo 'h3k27m pretrain: the memory is exhausted' >&2; exit 5");
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Failed; }));
    EXPECT_EQ(options_.maxAttempts, Find().attempts);
    EXPECT_EQ("exit code 5: h3k27m pretrain: the memory is exhausted", Find().reason);
  }

  // A file that crashes a decoder ends Orthanc, and after each start again.
  TEST_F(RunWorkerTest, ARunThatEndedOrthancEachTimeIsGivenUp)
  {
    Insert("pretrain", ON_PHANTOMS);
    Execute("UPDATE h3k27m_runs SET attempts = 10");
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Failed; }));
    EXPECT_NE(std::string::npos, Find().reason.find("begun 10 times")) << Find().reason;
  }

  TEST_F(RunWorkerTest, WhatNoRetryHelpsIsTriedOnce)
  {
    WriteEngine("exit 3");
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Failed; }));
    EXPECT_EQ(1u, Find().attempts);
  }

  TEST_F(RunWorkerTest, WhatNobodyForesawIsAFailureThatCounts)
  {
    archive_.SetHook([](const std::string& call, const std::string&)
    {
      if (call == "ListStudies")
      {
        throw std::runtime_error("out of memory");
      }
    });
    Insert("snapshot", R"({"kind": "snapshot", "contents": "unlabelled"})");
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([&]
    {
      worker.Wake();
      return Find().state == RunState::Failed;
    }));
    EXPECT_EQ(3u, Find().attempts);
    EXPECT_EQ("out of memory", Find().reason);
  }
}
