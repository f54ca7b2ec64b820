// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineCommand.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <future>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr std::uint64_t UNLIMITED = std::numeric_limits<std::uint64_t>::max();

    // A shell stands for the engine: what is tested is what becomes of a program's answer and of its end.
    ProcessLaunch MakeLaunch()
    {
      ProcessLaunch launch;
      launch.program = "/bin/sh";
      return launch;
    }

    std::string RunScript(const std::string& script, std::chrono::seconds limit = std::chrono::seconds(20))
    {
      return EngineCommand(MakeLaunch()).Run({"-c", script}, limit);
    }

    ErrorCode GetCode(const std::string& script, std::chrono::seconds limit = std::chrono::seconds(20))
    {
      try
      {
        RunScript(script, limit);
        return ErrorCode::Internal;
      }
      catch (const Error& e)
      {
        return e.GetCode();
      }
    }
  }

  TEST(EngineCommand, GivesWhatIsWrittenToTheAnswersDescriptorAndNothingElse)
  {
    EXPECT_EQ("{}\n", RunScript("echo said; echo told >&2; echo '{}' >&3"));
    EXPECT_EQ("", RunScript("echo said"));
    EXPECT_EQ(3000000u, RunScript("head -c 3000000 /dev/zero >&3").size()) << "more than a pipe holds";
  }

  TEST(EngineCommand, SaysWhyTheEngineRefused)
  {
    EXPECT_EQ("folds must be 2 or more",
              Tests::GetRefusal([] { RunScript("echo folds must be 2 or more >&2; exit 3"); }));
    EXPECT_EQ(ErrorCode::BadInput, GetCode("exit 3"));
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("kill -9 $$"));
    EXPECT_EQ(ErrorCode::BadInput, GetCode("exit 50")) << "which begins with a 5";
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("head -c 17000000 /dev/zero >&3"));
    EXPECT_EQ("The engine ended by exit code 3", Tests::GetRefusal([] { RunScript("exit 3"); }));
  }

  TEST(EngineCommand, BlamesTheRequestForNoFaultOfTheEngine)
  {
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("echo the memory is exhausted >&2; exit 5"));
    EXPECT_EQ(ErrorCode::Internal, GetCode("exit 1"));
    EXPECT_EQ("LibTorch: sizes do not match",
              Tests::GetRefusal([] { RunScript("echo LibTorch: sizes do not match >&2; exit 1"); }));
  }

  TEST(EngineCommand, WaitsNoLongerThanItsLimit)
  {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("sleep 60", std::chrono::seconds(1)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  }

  // What it has is what the kernel says that it has.
  TEST(EngineCommand, HasLimitsOfProcessorTimeFilesAndMemory)
  {
    constexpr std::uint64_t MEBIBYTE = 1 << 20;
    ProcessLaunch launch = MakeLaunch();
    launch.memoryBytes = 4096 * MEBIBYTE;
    const std::string limits = EngineCommand(launch).Run({"-c", "cat /proc/self/limits >&3"}, std::chrono::seconds(20));
    const auto get = [&limits](const std::string& name) -> std::uint64_t
    {
      const std::size_t line = limits.find(name);
      std::istringstream values(line == std::string::npos ? std::string() : limits.substr(line + name.size()));
      std::uint64_t soft = UNLIMITED;
      std::uint64_t hard = UNLIMITED;
      values >> soft >> hard;  // "unlimited" is no number
      return values ? std::max(soft, hard) : UNLIMITED;
    };
    EXPECT_LE(get("Max cpu time"), 21u * std::max(1u, std::thread::hardware_concurrency()));
    EXPECT_GE(get("Max cpu time"), 20u) << "no command is ended before its time";
    EXPECT_LE(get("Max file size"), 64 * MEBIBYTE);
    EXPECT_LE(get("Max data size"), 4096 * MEBIBYTE);
    EXPECT_LE(get("Max open files"), 1024u);
    EXPECT_EQ(0u, get("Max core file size")) << "a core file would hold images";
  }

  TEST(EngineCommand, IsEndedWhenItWritesALargeFile)
  {
    const Testing::TemporaryFolder folder;
    const std::string file = (folder.GetPath() / "large").string();
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("exec head -c 100000000 /dev/zero > " + file));
    EXPECT_EQ(64u << 20, std::filesystem::file_size(file));
  }

  // Else a reader of the dashboard could have as many engines as Orthanc has threads.
  TEST(EngineCommand, GoesOneAfterAnother)
  {
    const Testing::TemporaryFolder folder;
    const std::string place = (folder.GetPath() / "one").string();
    const EngineCommand command(MakeLaunch(), std::chrono::seconds(20));
    std::vector<std::future<std::string>> answers;

    for (int i = 0; i < 3; i++)
    {
      // A copy: it takes turns with the others. The folder is there for as long as one is at work.
      answers.push_back(std::async(std::launch::async, [command, place]
      {
        return command.Run({"-c", "mkdir " + place + " && sleep 0.2 && rmdir " + place + " && echo over >&3"},
                           std::chrono::seconds(20));
      }));
    }

    for (std::future<std::string>& answer : answers)
    {
      EXPECT_EQ("over\n", answer.get());
    }
  }

  // Else Orthanc, which waits for its requests when it stops, waits for the engine's check of a model for minutes.
  TEST(EngineCommand, IsOverSoonWhenItIsInterrupted)
  {
    const Testing::TemporaryFolder folder;
    const std::filesystem::path began = folder.GetPath() / "began";
    const EngineCommand command(MakeLaunch(), std::chrono::seconds(60));
    const auto getEnd = [command](const std::string& script)
    {
      try
      {
        return "answer " + command.Run({"-c", script}, std::chrono::seconds(60));
      }
      catch (const Error& e)
      {
        return (e.GetCode() == ErrorCode::Unavailable ? "unavailable: " : "other: ") + std::string(e.what());
      }
    };
    const auto begin = std::chrono::steady_clock::now();
    std::future<std::string> running =
      std::async(std::launch::async, [&] { return getEnd("touch " + began.string() + "; exec sleep 60"); });

    for (int i = 0; i < 2000 && !std::filesystem::exists(began); i++)
    {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

    std::future<std::string> waiting = std::async(std::launch::async, [&] { return getEnd("exit 0"); });
    command.Interrupt();
    EXPECT_THAT(running.get(), testing::HasSubstr("unavailable: The engine takes no more requests"));
    EXPECT_THAT(waiting.get(), testing::HasSubstr("unavailable: The engine takes no more requests"));
    EXPECT_THAT(getEnd("exit 0"), testing::HasSubstr("unavailable: The engine takes no more requests"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
  }

  TEST(EngineCommand, TellsWhoeverWaitsTooLongToTryAgain)
  {
    const Testing::TemporaryFolder folder;
    const std::filesystem::path began = folder.GetPath() / "began";
    const EngineCommand command(MakeLaunch(), std::chrono::milliseconds(50));
    const std::string script = "touch " + began.string() + "; while [ -e " + began.string() + " ]; do sleep 0.02; done";
    std::future<std::string> first =
      std::async(std::launch::async, [&] { return command.Run({"-c", script}, std::chrono::seconds(60)); });

    for (int i = 0; i < 2000 && !std::filesystem::exists(began); i++)
    {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

    EXPECT_THAT(Tests::GetRefusal([&] { command.Run({"-c", "exit 0"}, std::chrono::seconds(20)); }),
                testing::HasSubstr("try again in a moment"));
    std::filesystem::remove(began);
    EXPECT_EQ("", first.get());
    EXPECT_EQ("over\n", command.Run({"-c", "echo over >&3"}, std::chrono::seconds(20)));
  }
}
