// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunPool.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "UnitTests/Plugin/Runs/RunFixture.h"

#include <future>

namespace H3K27M::Runs
{
  using WorkState::RunState;

  namespace
  {
    class RunPoolTest : public Testing::RunFixture
    {
    protected:
      std::uint64_t Count(RunState state)
      {
        WorkState::RunQuery query;
        query.state = state;
        return store_->GetRuns().Count(query);
      }

      RunPool MakePool()
      {
        return RunPool(*store_, datasets_, models_, choice_, folders_, options_);
      }
    };
  }

  TEST_F(RunPoolTest, RunsAsManyAtOnceAsItMay)
  {
    options_.maxRunning = 2;
    options_.pause = std::chrono::milliseconds(10);

    for (const char* id : {"first", "second", "third"})
    {
      Insert("pretrain", ON_PHANTOMS, id);
    }

    RunPool pool = MakePool();
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return Count(RunState::Running) == 2; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(2u, Count(RunState::Running));
    EXPECT_EQ(RunState::Queued, Find("third").state);
    EXPECT_NE(Find("first").owner, Find("second").owner) << "what one worker takes up again is none of the other's";

    pool.Stop();
    EXPECT_EQ(0u, Count(RunState::Running));

    for (const char* id : {"first", "second"})
    {
      EXPECT_EQ(RunState::Queued, Find(id).state);
      EXPECT_EQ(0u, Find(id).attempts) << "an orderly stop costs none";
    }
  }

  TEST_F(RunPoolTest, RunsOneAfterAnotherByDefault)
  {
    options_.pause = std::chrono::milliseconds(10);
    Insert("pretrain", ON_PHANTOMS, "first");
    Insert("pretrain", ON_PHANTOMS, "second");
    RunPool pool = MakePool();
    pool.Start();
    ASSERT_TRUE(Eventually([this] { return Count(RunState::Running) == 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(1u, Count(RunState::Running));
  }

  TEST_F(RunPoolTest, TakesUpWhatAPoolWithMoreWorkersLeft)
  {
    options_.maxRunning = 3;
    options_.pause = std::chrono::milliseconds(10);
    options_.lease = std::chrono::hours(1);  // of none of them it is over

    for (const char* id : {"first", "second", "third"})
    {
      Insert("pretrain", ON_PHANTOMS, id);
    }

    {
      RunPool pool = MakePool();
      pool.Start();
      ASSERT_TRUE(Eventually([this] { return Count(RunState::Running) == 3; }));
      // Orthanc is killed here, as far as the store can tell: what runs stays as it is.
      Execute("ALTER TABLE h3k27m_runs RENAME TO hidden");
    }

    Execute("ALTER TABLE hidden RENAME TO h3k27m_runs");
    ASSERT_EQ(3u, Count(RunState::Running));
    options_.maxRunning = 1;
    RunPool pool = MakePool();
    pool.Start();
    EXPECT_TRUE(Eventually([this] { return Find("first").attempts == 2; }));
    EXPECT_EQ(1u, Count(RunState::Running));
    EXPECT_EQ(2u, Count(RunState::Queued)) << "they wait for their turn, and are not lost";
  }

  TEST_F(RunPoolTest, HasTheEngineJudgeTheModelToStartFrom)
  {
    const std::filesystem::path told = folder_.GetPath() / "told";
    WriteEngine("echo \"$@\" > " + told.string());
    RunPool pool = MakePool();
    pool.Check(RunSpec::Parse(Protocol::ParseJson(R"({"kind": "fine-tune", "from": "first"})")));
    std::ifstream file(told);
    std::string line;
    std::getline(file, line);
    EXPECT_EQ("check-config {} --from " + (folder_.GetPath() / "installed" / "first").string(), line);
    EXPECT_THROW(pool.Check(RunSpec::Parse(Protocol::ParseJson(R"({"kind": "ablate", "encoder": "nobody"})"))), Error);
  }

  TEST_F(RunPoolTest, AsksTheEngineOnceWhatThePresetsStandFor)
  {
    const std::filesystem::path told = folder_.GetPath() / "told";
    WriteEngine("echo \"$@\" >> " + told.string() + "; echo '{\"folds\": 5}' >&3");
    RunPool pool = MakePool();

    for (int i = 0; i < 2; i++)
    {
      const Json::Value presets = pool.GetPresets();
      EXPECT_EQ(5, presets["recommended"]["folds"].asInt());
      EXPECT_EQ(5, presets["paper"]["folds"].asInt());
    }

    std::ifstream file(told);
    std::string line;
    std::getline(file, line);
    EXPECT_EQ(R"(check-config {"preset":"recommended"} --fd 3)", line);
    std::getline(file, line);
    EXPECT_EQ(R"(check-config {"preset":"paper"} --fd 3)", line);
    EXPECT_FALSE(static_cast<bool>(std::getline(file, line))) << "what is known is not asked for again";
  }

  TEST_F(RunPoolTest, WhatTheEngineDoesNotSayOfThePresetsIsAskedForAgain)
  {
    WriteEngine("echo 'it is full' >&2; exit 1");
    RunPool pool = MakePool();
    EXPECT_THROW(pool.GetPresets(), Error);
    WriteEngine("echo '{}' >&3");
    EXPECT_TRUE(pool.GetPresets().isMember("paper"));
  }

  TEST_F(RunPoolTest, AStopEndsTheCheckThatARequestWaitsFor)
  {
    const std::filesystem::path began = folder_.GetPath() / "began";
    WriteEngine("touch " + began.string() + "; exec sleep 60");
    RunPool pool = MakePool();
    const RunSpec spec = RunSpec::Parse(Protocol::ParseJson(ON_PHANTOMS));
    std::future<ErrorCode> check = std::async(std::launch::async, [&]
    {
      try
      {
        pool.Check(spec);
        return ErrorCode::Internal;
      }
      catch (const Error& e)
      {
        return e.GetCode();
      }
    });
    ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(began); }));
    pool.Stop();
    EXPECT_EQ(std::future_status::ready, check.wait_for(std::chrono::seconds(30)));
    EXPECT_EQ(ErrorCode::Unavailable, check.get());
  }
}
