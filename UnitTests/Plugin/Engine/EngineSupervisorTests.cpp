// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "UnitTests/Plugin/Engine/EngineTestBase.h"

#include <atomic>
#include <csignal>

namespace H3K27M::Testing
{
  using std::chrono::milliseconds;

  class EngineSupervisorTests : public EngineTestBase
  {
  };

  TEST_F(EngineSupervisorTests, ComputesStudiesAndPhantoms)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    EXPECT_EQ(EngineState::Stopped, supervisor.GetStatus().state);
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));

    const EngineStatus status = supervisor.GetStatus();
    EXPECT_EQ("fake", status.info->engineVersion);
    EXPECT_EQ("2.6.0", status.info->libtorchVersion);
    EXPECT_GT(status.pid, 0);
    EXPECT_EQ("ready", ToJson(status)["state"].asString());

    const StudyResult result = Compute(supervisor);
    ASSERT_EQ(1u, result.masks.size());
    EXPECT_EQ(1, result.masks.at(1)[7]);
    EXPECT_EQ(1u, Protocol::ParseJson(result.json)["tumour"]["voxels"].asUInt());

    const PhantomResult phantom = supervisor.MakePhantom(R"({"seed": 7})", Soon());
    EXPECT_EQ(7u, Protocol::ParseJson(phantom.json)["seed"].asUInt());
    ASSERT_EQ(3u, phantom.slices.size());
    EXPECT_EQ(2029, phantom.slices[2][29]);
    EXPECT_EQ(30u, phantom.masks.at(1).size());

    supervisor.Stop();
    EXPECT_EQ(EngineState::Stopped, supervisor.GetStatus().state);
    EXPECT_EQ(0, supervisor.GetStatus().pid);
    EXPECT_EQ(ErrorCode::Busy, GetError([&] { Compute(supervisor); }).GetCode());
    EXPECT_FALSE(supervisor.WaitUntilReady(Soon()));
  }

  TEST_F(EngineSupervisorTests, CutsLargeSlicesIntoFramesAndAppliesSlopeAndIntercept)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));

    // 4 MiB per slice: five bands.
    const auto session = supervisor.BeginStudy(MakeRequest(1000, 2100, 1), Soon());
    std::vector<std::int16_t> values(1000 * 2100, 10);
    values.front() = 12;
    values.back() = 12;
    SliceVoxels slice;
    slice.voxels = std::as_bytes(std::span(values));
    slice.slope = 10;
    slice.intercept = -0.5;
    session->SendSlice(slice);
    session->End();
    const StudyResult result = session->Wait();
    ASSERT_EQ(1u, result.masks.size());
    const std::vector<std::uint8_t>& mask = result.masks.at(0);
    EXPECT_EQ(1, mask.front());
    EXPECT_EQ(1, mask.back());
    EXPECT_EQ(2, std::count(mask.begin(), mask.end(), 1));
  }

  TEST_F(EngineSupervisorTests, KeepsSeveralStudiesApart)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;

    for (int i = 0; i < 4; i++)
    {
      threads.emplace_back([&, i]
      {
        try
        {
          for (int round = 0; round < 10; round++)
          {
            const auto session = supervisor.BeginStudy(MakeRequest(4, 3, 1), Soon());
            std::vector<std::int16_t> values(12, 0);
            values[static_cast<std::size_t>(i)] = 1000;
            SendSlice(*session, 0, values);
            session->End();
            right += session->Wait().masks.at(0)[static_cast<std::size_t>(i)];
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

    EXPECT_EQ(40, right);
    EXPECT_EQ(0u, supervisor.GetStatus().openRequests);
  }

  TEST_F(EngineSupervisorTests, RefusesSlicesThatDoNotFitTheStudy)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(ErrorCode::BadInput, GetError([&] { supervisor.BeginStudy(MakeRequest(0), Soon()); }).GetCode());
    EXPECT_EQ(ErrorCode::BadInput, GetError([&] { supervisor.BeginStudy(MakeRequest(65536), Soon()); }).GetCode());
    StudyRequest turned = MakeRequest();
    turned.imageOrientationPatient = {0, 1, 0, -1, 0, 0};
    EXPECT_EQ(ErrorCode::Internal, GetError([&] { supervisor.BeginStudy(turned, Soon()); }).GetCode());

    const auto session = supervisor.BeginStudy(MakeRequest(), Soon());
    EXPECT_EQ(ErrorCode::BadInput, GetError([&] { SendSlice(*session, 2, std::vector<std::int16_t>(12)); }).GetCode());
    EXPECT_EQ(ErrorCode::BadInput, GetError([&] { SendSlice(*session, 0, std::vector<std::int16_t>(11)); }).GetCode());
  }

  TEST_F(EngineSupervisorTests, PassesTheEnginesRefusalOn)
  {
    EngineSupervisor supervisor(MakeOptions("refuses"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const Error error = GetError([&] { Compute(supervisor); });
    EXPECT_EQ(ErrorCode::BadInput, error.GetCode());
    EXPECT_FALSE(error.CanRetry());
    EXPECT_STREQ("all voxels are NaN", error.what());
    EXPECT_EQ(EngineState::Ready, supervisor.GetStatus().state) << "one bad study is no reason to restart";
  }

  TEST_F(EngineSupervisorTests, RestartsAnEngineThatCrashesAndServesAgain)
  {
    EngineSupervisor supervisor(MakeOptions("crashes-once"));
    std::atomic<int> readies = 0;
    supervisor.SetStateCallback([&](EngineState state) { readies += state == EngineState::Ready ? 1 : 0; });
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const int firstPid = supervisor.GetStatus().pid;

    const Error error = GetError([&] { Compute(supervisor); });
    EXPECT_EQ(ErrorCode::Unavailable, error.GetCode());
    EXPECT_TRUE(error.CanRetry());

    // The supervisor may not have noticed yet.
    WaitForStarts(supervisor, 2);

    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(1u, supervisor.GetStatus().failuresInARow);
    EXPECT_EQ(1u, Compute(supervisor).masks.size());
    const EngineStatus status = supervisor.GetStatus();
    EXPECT_NE(firstPid, status.pid);
    WaitForNoFailures(supervisor);
    EXPECT_THAT(status.lastError, ::testing::HasSubstr("signal 9"));
    EXPECT_EQ(2, readies);
  }

  TEST_F(EngineSupervisorTests, GivesUpAnEngineThatNeverComesUpUntilAskedAgain)
  {
    SupervisorOptions options = MakeOptions("exits");
    options.maxFailuresInARow = 3;
    EngineSupervisor supervisor(options);
    supervisor.Start();
    EXPECT_FALSE(supervisor.WaitUntilReady(Soon()));
    EngineStatus status = WaitForState(supervisor, EngineState::GivenUp);
    EXPECT_EQ(3u, status.starts);
    EXPECT_EQ(3u, status.failuresInARow);
    EXPECT_GT(status.nextStartSeconds, 800) << "it will be tried again, but not soon";
    EXPECT_GT(ToJson(status)["next_start_seconds"].asDouble(), 800);
    EXPECT_THAT(status.lastError, ::testing::HasSubstr("exit code 3: the model is damaged"));
    EXPECT_THAT(GetError([&] { Compute(supervisor); }).what(), ::testing::HasSubstr("given-up"));

    supervisor.Restart();

    WaitForStarts(supervisor, 6);

    WaitForState(supervisor, EngineState::GivenUp);
  }

  TEST_F(EngineSupervisorTests, WaitsLongerAfterEachFailure)
  {
    SupervisorOptions options = MakeOptions("exits");
    options.firstDelay = std::chrono::hours(1);
    options.maxDelay = std::chrono::hours(3);
    EngineSupervisor supervisor(options);
    supervisor.Start();
    const EngineStatus status = WaitForState(supervisor, EngineState::Waiting);
    EXPECT_GT(status.nextStartSeconds, 3000);
    EXPECT_LE(status.nextStartSeconds, 3600);
    supervisor.Stop();  // and does not wait for the hour
    EXPECT_EQ(1u, supervisor.GetStatus().starts);
  }

  TEST_F(EngineSupervisorTests, ForgetsFailuresAfterAHealthySpell)
  {
    SupervisorOptions options = MakeOptions("half-heartbeat");
    options.healthySpell = milliseconds(0);
    options.maxFailuresInARow = 2;
    EngineSupervisor supervisor(options);
    supervisor.Start();
    WaitForStarts(supervisor, 6);
  }

  TEST_F(EngineSupervisorTests, ASessionKnowsItsOwnEngineAndTheStatusNoneThatIsGone)
  {
    SupervisorOptions options = MakeOptions("good");
    options.firstDelay = std::chrono::hours(1);
    options.maxDelay = std::chrono::hours(1);
    EngineSupervisor supervisor(options);
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto session = supervisor.BeginStudy(MakeRequest(), Soon());
    EXPECT_TRUE(session->GetEngine().ComputesAs(*supervisor.GetStatus().info));
    kill(supervisor.GetStatus().pid, SIGKILL);
    const EngineStatus status = WaitForState(supervisor, EngineState::Waiting);
    EXPECT_FALSE(status.info) << "the next one may have another model";
    EXPECT_EQ(std::string(64, '0'), session->GetEngine().modelHash);
    EngineInfo other = session->GetEngine();
    other.modelHash.front() = '1';
    EXPECT_FALSE(session->GetEngine().ComputesAs(other));
  }

  TEST_F(EngineSupervisorTests, GivesUpAtOnceOnAnEngineOfAnotherRelease)
  {
    EngineSupervisor supervisor(MakeOptions("other-protocol"));
    supervisor.Start();
    const EngineStatus status = WaitForState(supervisor, EngineState::GivenUp);
    EXPECT_EQ(1u, status.starts);
    EXPECT_THAT(status.lastError, ::testing::HasSubstr("version '99'"));

    EngineSupervisor half(MakeOptions("half-hello"));
    half.Start();
    EXPECT_THAT(WaitForState(half, EngineState::GivenUp).lastError, ::testing::HasSubstr("'device'"));
  }

  TEST_F(EngineSupervisorTests, RefusesADeviceThatFailsItsSelfTest)
  {
    SupervisorOptions options = MakeOptions("wrong-results");
    options.maxFailuresInARow = 1;
    EngineSupervisor supervisor(options);
    supervisor.Start();
    EXPECT_THAT(WaitForState(supervisor, EngineState::GivenUp).lastError, ::testing::HasSubstr("self-test"));
  }

  TEST_F(EngineSupervisorTests, ReplacesAnEngineThatSaysNoHello)
  {
    SupervisorOptions options = MakeOptions("says-nothing");
    options.helloLimit = milliseconds(50);
    options.maxFailuresInARow = 2;
    options.launch.arguments.push_back("3");
    EngineSupervisor supervisor(options);
    supervisor.Start();
    EXPECT_THAT(WaitForState(supervisor, EngineState::GivenUp).lastError, ::testing::HasSubstr("hello in time"));
  }

  TEST_F(EngineSupervisorTests, ReplacesAnEngineWithoutHeartbeat)
  {
    SupervisorOptions options = MakeOptions("silent");
    options.heartbeatLimit = milliseconds(50);
    options.maxFailuresInARow = 1;
    EngineSupervisor supervisor(options);
    supervisor.Start();
    EXPECT_THAT(WaitForState(supervisor, EngineState::GivenUp).lastError, ::testing::HasSubstr("no heartbeat"));
  }

  TEST_F(EngineSupervisorTests, ReplacesAnEngineThatStandsStill)
  {
    EngineSupervisor supervisor(MakeStuckOptions());
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto session = supervisor.BeginStudy(MakeRequest(), Soon());
    EXPECT_TRUE(GetError([&] { session->Wait(); }).CanRetry());
    WaitForStarts(supervisor, 2);
    EXPECT_THAT(supervisor.GetStatus().lastError, ::testing::HasSubstr("no progress"));
  }

  TEST_F(EngineSupervisorTests, ReplacesAnEngineThatBabbles)
  {
    for (const char* mode : {"babbles", "wrong-id", "leaves"})
    {
      EngineSupervisor supervisor(MakeOptions(mode));
      supervisor.Start();
      ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
      const Error error = GetError([&] { Compute(supervisor); });
      EXPECT_EQ(ErrorCode::Unavailable, error.GetCode()) << mode;
      EXPECT_TRUE(error.CanRetry()) << mode;
      WaitForStarts(supervisor, 2);
    }
  }

  TEST_F(EngineSupervisorTests, DoesNotBelieveAResultThatContradictsItself)
  {
    EngineSupervisor supervisor(MakeOptions("wrong-count"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(ErrorCode::Corrupt, GetError([&] { Compute(supervisor); }).GetCode());
    EXPECT_EQ(ErrorCode::Corrupt, GetError([&] { Compute(supervisor); }).GetCode());
  }

  TEST_F(EngineSupervisorTests, RefusesAPhantomThatIsTooLarge)
  {
    EngineSupervisor supervisor(MakeOptions("huge-phantom"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(ErrorCode::Corrupt, GetError([&] { supervisor.MakePhantom("{}", Soon()); }).GetCode());
    EXPECT_EQ(ErrorCode::BadInput, GetError([&] { supervisor.MakePhantom("{", Soon()); }).GetCode());
  }

  TEST_F(EngineSupervisorTests, ACancelledStudyEndsAtOnceAndItsLateAnswerDoesNoHarm)
  {
    EngineSupervisor supervisor(MakeOptions("late"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto session = supervisor.BeginStudy(MakeRequest(), Soon());
    SendSlice(*session, 0, std::vector<std::int16_t>(12, 500));
    session->End();

    std::thread impatient([&] { session->Cancel(); });
    EXPECT_EQ(ErrorCode::Cancelled, GetError([&] { session->Wait(); }).GetCode());
    impatient.join();
    EXPECT_EQ(ErrorCode::Cancelled, GetError([&] { session->Wait(); }).GetCode());

    EXPECT_EQ(1u, Compute(supervisor).masks.size());
    EXPECT_EQ(1u, supervisor.GetStatus().starts);
  }

  TEST_F(EngineSupervisorTests, AStudyEndsAtItsLimit)
  {
    EngineSupervisor supervisor(MakeOptions("never"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto session = supervisor.BeginStudy(MakeRequest(), std::chrono::steady_clock::now() + milliseconds(200));
    session->End();
    const Error error = GetError([&] { session->Wait(); });
    EXPECT_EQ(ErrorCode::Unavailable, error.GetCode());
    EXPECT_TRUE(error.CanRetry());
    EXPECT_EQ(0u, supervisor.GetStatus().openRequests);
  }

  TEST_F(EngineSupervisorTests, OpenStudiesFailWhenItStops)
  {
    EngineSupervisor supervisor(MakeOptions("never"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    const auto session = supervisor.BeginStudy(MakeRequest(), Soon());
    session->End();
    std::thread stopper([&] { supervisor.Stop(); });
    EXPECT_TRUE(GetError([&] { session->Wait(); }).CanRetry());
    stopper.join();
    EXPECT_TRUE(GetError([&] { session->End(); }).CanRetry());
  }

  TEST_F(EngineSupervisorTests, SurvivesItsEngineBeingKilledFromOutside)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    supervisor.Start();

    for (unsigned i = 1; i <= 3; i++)
    {
      ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
      kill(supervisor.GetStatus().pid, SIGKILL);

      WaitForStarts(supervisor, i + 1);
    }

    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(1u, Compute(supervisor).masks.size());
  }

  TEST_F(EngineSupervisorTests, RestartReplacesARunningEngineWithoutCountingAFailure)
  {
    EngineSupervisor supervisor(MakeOptions("good"));
    supervisor.Start();
    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    supervisor.Restart();

    WaitForStarts(supervisor, 2);

    ASSERT_TRUE(supervisor.WaitUntilReady(Soon()));
    EXPECT_EQ(0u, supervisor.GetStatus().failuresInARow);
  }
}
