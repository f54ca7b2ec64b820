// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the end of an engine costs: which study spends an attempt, and what counts towards giving up.

#include "UnitTests/Plugin/Engine/EngineTestBase.h"

#include <atomic>
#include <filesystem>
#include <system_error>

namespace H3K27M::Testing
{
  using std::chrono::milliseconds;

  class EngineFailureTests : public EngineTestBase
  {
  protected:
    // Of three studies, one that arrives, one that is computed and one that waits, when the engine ends over the second.
    static void ExpectThatOneStudyIsHeldResponsible(EngineSupervisor& supervisor)
    {
      supervisor.Start();
      ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
      const auto receiving = supervisor.BeginStudy(MakeRequest(), Soon());
      const auto computed = supervisor.BeginStudy(MakeRequest(), Soon());
      const auto waiting = supervisor.BeginStudy(MakeRequest(), Soon());
      computed->End();
      waiting->End();

      const Error own = GetError([&] { computed->Wait(); });
      EXPECT_EQ(ErrorCode::Unavailable, own.GetCode());
      EXPECT_TRUE(own.CanRetry());
      EXPECT_EQ(ErrorCode::Busy, GetError([&] { waiting->Wait(); }).GetCode());
      EXPECT_EQ(ErrorCode::Busy, GetError([&] { receiving->Wait(); }).GetCode());
    }
  };

  TEST_F(EngineFailureTests, OnlyTheStudyThatTheEngineWorkedOnIsHeldResponsibleForItsEnd)
  {
    EngineSupervisor supervisor(MakeOptions("dies-at-second-end"));
    ExpectThatOneStudyIsHeldResponsible(supervisor);
  }

  TEST_F(EngineFailureTests, ADeviceThatFailedCostsNobodyButTheStudyThatMetIt)
  {
    EngineSupervisor supervisor(MakeOptions("device-fails"));
    ExpectThatOneStudyIsHeldResponsible(supervisor);
    WaitForStarts(supervisor, 2);
    EXPECT_THAT(supervisor.GetStatus().lastError, ::testing::HasSubstr("exit code 5"));
  }

  TEST_F(EngineFailureTests, BelievesTheHeartbeatThatNamesTheStudy)
  {
    EngineSupervisor supervisor(MakeStuckOptions());  // it says that it works on request 1, of which no end was sent
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto first = supervisor.BeginStudy(MakeRequest(), Soon());
    const auto second = supervisor.BeginStudy(MakeRequest(), Soon());
    EXPECT_EQ(ErrorCode::Unavailable, GetError([&] { first->Wait(); }).GetCode());
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { second->Wait(); }).GetCode());
  }

  TEST_F(EngineFailureTests, AStudyThatWasCancelledLeavesItsFaultToNobody)
  {
    EngineSupervisor supervisor(MakeStuckOptions());
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto first = supervisor.BeginStudy(MakeRequest(), Soon());
    const auto second = supervisor.BeginStudy(MakeRequest(), Soon());
    first->Cancel();
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { second->Wait(); }).GetCode());
  }

  TEST_F(EngineFailureTests, AllAreSuspectsWhenItEndsBeforeItHasAWholeStudy)
  {
    EngineSupervisor supervisor(MakeOptions("crashes-at-second"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto first = supervisor.BeginStudy(MakeRequest(), Soon());
    EXPECT_EQ(ErrorCode::Unavailable,
              GetError([&] { supervisor.BeginStudy(MakeRequest(), Soon())->Wait(); }).GetCode());
    EXPECT_EQ(ErrorCode::Unavailable, GetError([&] { first->Wait(); }).GetCode());
  }

  TEST_F(EngineFailureTests, AStopOrARestartIsNoStudysFault)
  {
    EngineSupervisor supervisor(MakeOptions("never"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto replaced = supervisor.BeginStudy(MakeRequest(), Soon());
    replaced->End();
    supervisor.Restart();
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { replaced->Wait(); }).GetCode());

    WaitForStarts(supervisor, 2);
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto stopped = supervisor.BeginStudy(MakeRequest(), Soon());
    stopped->End();
    supervisor.Stop();
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { stopped->Wait(); }).GetCode());
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { Compute(supervisor); }).GetCode()) << "no engine has seen it";
  }

  TEST_F(EngineFailureTests, ForgetsFailuresWithEachCompletedStudy)
  {
    SupervisorOptions options = MakeOptions("crashes-at-second");
    options.maxFailuresInARow = 2;
    EngineSupervisor supervisor(options);
    supervisor.Start();

    for (unsigned i = 1; i <= 4; i++)
    {
      ASSERT_TRUE(supervisor.WaitUntilReady(Soon())) << i;
      EXPECT_EQ(i == 1 ? 0u : 1u, supervisor.GetStatus().failuresInARow);
      EXPECT_EQ(1u, Compute(supervisor).masks.size());
      WaitForNoFailures(supervisor);
      EXPECT_THROW(Compute(supervisor), Error);
      WaitForStarts(supervisor, i + 1);
    }
  }

  TEST_F(EngineFailureTests, TwoStudiesThatEndTheEngineThriceDoNotHaveItGivenUp)
  {
    SupervisorOptions options = MakeOptions("crashes");
    options.maxFailuresInARow = 2;
    EngineSupervisor supervisor(options);
    supervisor.Start();

    for (unsigned i = 1; i <= 6; i++)
    {
      ASSERT_TRUE(supervisor.WaitUntilReady(Soon())) << i;
      EXPECT_EQ(ErrorCode::Unavailable, GetError([&] { Compute(supervisor); }).GetCode()) << "it costs an attempt";
      WaitForStarts(supervisor, i + 1);
    }
  }

  TEST_F(EngineFailureTests, AnEngineThatWasGivenUpIsTriedAgainByItself)
  {
    SupervisorOptions options = MakeOptions("exits");
    options.maxFailuresInARow = 2;
    options.givenUpDelay = milliseconds(1);
    options.maxGivenUpDelay = milliseconds(2);
    EngineSupervisor supervisor(options);
    std::atomic<unsigned> givenUp = 0;
    supervisor.SetStateCallback([&](EngineState state) { givenUp += state == EngineState::GivenUp ? 1u : 0u; });
    supervisor.Start();
    WaitForStarts(supervisor, 5);
    EXPECT_GE(givenUp.load(), 3u) << "after the second start, the third and the fourth";
    supervisor.Stop();
  }

  // The failures of the model before are not those of the one that is put in force meanwhile.
  TEST_F(EngineFailureTests, ARestartForgetsTheFailuresAlsoOfAnEngineThatStarts)
  {
    const std::filesystem::path starts = folder_.GetPath() / "starts";  // a line feed each
    SupervisorOptions options = MakeOptions("");
    options.launch.program = "/bin/sh";
    options.launch.arguments = {"-c", "echo >> " + starts.string() + "; case $(wc -l < " + starts.string() +
                                        ") in 3|5) exec sleep 60;; esac; exit 3"};
    options.maxFailuresInARow = 3;
    options.askLimit = milliseconds(0);
    EngineSupervisor supervisor(options);
    supervisor.Start();
    const TimePoint limit = Soon();
    std::error_code none;

    while (std::filesystem::file_size(starts, none) != 3 && std::chrono::steady_clock::now() < limit)
    {
      std::this_thread::sleep_for(milliseconds(2));
    }

    EXPECT_EQ(2u, supervisor.GetStatus().failuresInARow);
    supervisor.Restart();
    WaitForStarts(supervisor, 5);
    EXPECT_EQ(1u, supervisor.GetStatus().failuresInARow) << "that of the fourth";
  }

  TEST_F(EngineFailureTests, AMalformedFrameAfterHelloIsAFailureLikeAnyOther)
  {
    SupervisorOptions options = MakeOptions("half-heartbeat");
    options.maxFailuresInARow = 3;
    EngineSupervisor supervisor(options);
    supervisor.Start();
    const EngineStatus status = WaitForState(supervisor, EngineState::GivenUp);
    EXPECT_EQ(3u, status.starts);
    EXPECT_THAT(status.lastError, ::testing::HasSubstr("progress"));
  }
}
