// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunWorker.h"

#include "UnitTests/Plugin/Runs/RunFixture.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace H3K27M::Runs
{
  using WorkState::RunState;

  namespace
  {
    class RunWorkerTest : public Testing::RunFixture
    {
    };
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

  // Stopped by SIGSTOP, for instance: it would hold its place for ever.
  TEST_F(RunWorkerTest, AnEngineThatGivesNoSignOfLifeIsEndedAndTriedAgain)
  {
    const std::filesystem::path progress = folder_.GetPath() / "runs" / "r" / "progress.json";
    options_.pause = std::chrono::milliseconds(10);
    options_.silence = std::chrono::milliseconds(400);
    WriteEngine("echo '{\"alive_at\": 7}' > " + progress.string() + "; trap '' TERM; exec sleep 60");
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().state == RunState::Failed; }));
    EXPECT_EQ(options_.maxAttempts, Find().attempts);
    EXPECT_EQ("the engine gave no sign of life for 1 s", Find().reason);
    EXPECT_TRUE(std::filesystem::exists(progress));
  }

  TEST_F(RunWorkerTest, AnEngineThatGivesSignsOfLifeMayTakeItsTime)
  {
    const std::string progress = (folder_.GetPath() / "runs" / "r" / "progress.json").string();
    options_.silence = std::chrono::milliseconds(1500);
    // It works for at least twice as long.
    WriteEngine("i=0; while [ $i -lt 30 ]; do i=$((i + 1)); echo \"{\\\"alive_at\\\": $i}\" > " + progress +
                ".new; mv " + progress + ".new " + progress + "; sleep 0.1; done");
    Insert("pretrain", ON_PHANTOMS);
    RunWorker worker(*store_, datasets_, models_, choice_, folders_, options_);
    worker.Start();
    EXPECT_TRUE(Eventually([this] { return Find().IsFinished(); }));
    EXPECT_EQ(RunState::Done, Find().state) << Find().reason;
    EXPECT_EQ(1u, Find().attempts);
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
