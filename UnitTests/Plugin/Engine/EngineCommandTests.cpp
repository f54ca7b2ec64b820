// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineCommand.h"
#include "UnitTests/Support/Refusal.h"

#include <gmock/gmock.h>

namespace H3K27M::Engine
{
  namespace
  {
    // A shell stands for the engine: what is tested is what becomes of a program's answer and of its end.
    std::string RunScript(const std::string& script, std::chrono::seconds limit = std::chrono::seconds(20))
    {
      ProcessLaunch launch;
      launch.program = "/bin/sh";
      return EngineCommand(launch).Run({"-c", script}, limit);
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
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("head -c 17000000 /dev/zero >&3"));
    EXPECT_EQ("The engine ended by exit code 3", Tests::GetRefusal([] { RunScript("exit 3"); }));
  }

  TEST(EngineCommand, WaitsNoLongerThanItsLimit)
  {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ErrorCode::Unavailable, GetCode("sleep 60", std::chrono::seconds(1)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  }
}
