// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/RestartPlan.h"

#include <gtest/gtest.h>

namespace H3K27M::Testing
{
  using namespace Engine;
  using std::chrono::minutes;
  using std::chrono::seconds;

  class RestartPlanTests : public ::testing::Test
  {
  protected:
    static EngineEnding MakeEnding(bool endedOverRequest)
    {
      EngineEnding ending;
      ending.reason = "it closed the connection";
      ending.endedOverRequest = endedOverRequest;
      return ending;
    }

    // As often as it takes; the last step is returned.
    RestartPlan::Step Fail(unsigned times, bool endedOverRequest = false)
    {
      RestartPlan::Step step;

      for (unsigned i = 0; i < times; i++)
      {
        step = plan_.Fail(MakeEnding(endedOverRequest));
      }

      return step;
    }

    SupervisorOptions options_;  // 1 s to 60 s, given up after six
    RestartPlan plan_{options_};
  };

  TEST_F(RestartPlanTests, WaitsLongerAfterEachFailure)
  {
    EXPECT_EQ(seconds(1), Fail(1).delay);
    EXPECT_EQ(seconds(2), Fail(1).delay);
    EXPECT_EQ(seconds(4), Fail(1).delay);
    EXPECT_EQ(3u, plan_.GetFailures());
  }

  TEST_F(RestartPlanTests, OnceGivenUpItIsTriedMoreAndMoreSeldomButTried)
  {
    EXPECT_FALSE(Fail(5).givesUp);

    for (const minutes delay : {minutes(15), minutes(30), minutes(60), minutes(60)})
    {
      const RestartPlan::Step step = Fail(1);
      EXPECT_TRUE(step.givesUp);
      EXPECT_EQ(delay, step.delay);
    }
  }

  TEST_F(RestartPlanTests, AHealthySpellAResultOrAnAdministratorForgetsAll)
  {
    EngineEnding healthy = MakeEnding(false);
    healthy.served = options_.healthySpell;
    EngineEnding useful = MakeEnding(true);
    useful.completed = true;

    for (const EngineEnding& ending : {healthy, useful})
    {
      EXPECT_TRUE(Fail(7).givesUp);
      const RestartPlan::Step step = plan_.Fail(ending);
      EXPECT_FALSE(step.givesUp);
      EXPECT_EQ(seconds(1), step.delay);
      EXPECT_EQ(1u, plan_.GetFailures());
      plan_.Forget();
    }

    EXPECT_EQ(0u, plan_.GetFailures());
    EXPECT_EQ(minutes(15), Fail(6).delay);
  }

  TEST_F(RestartPlanTests, StudiesThatEndTheEngineCountAgainstThemselves)
  {
    EXPECT_FALSE(Fail(6, true).givesUp) << "two studies, three attempts each";
    EXPECT_EQ(seconds(60), Fail(1, true).delay) << "but it starts later and later";
    EXPECT_FALSE(Fail(5).givesUp);
    EXPECT_TRUE(Fail(1).givesUp) << "six failures to start";
  }

  TEST_F(RestartPlanTests, AnEngineThatStartedWellOnceIsNotGivenUpForTheStudyThatEndsIt)
  {
    EXPECT_TRUE(Fail(6).givesUp);
    EXPECT_FALSE(Fail(1, true).givesUp);
  }

  TEST_F(RestartPlanTests, AnEngineThatEndsOverEveryStudyRestsBeforeItHasSpentAllOfThem)
  {
    EXPECT_FALSE(Fail(23, true).givesUp);
    const RestartPlan::Step step = Fail(1, true);
    EXPECT_TRUE(step.givesUp);
    EXPECT_EQ(minutes(15), step.delay);
    EXPECT_TRUE(Fail(1, true).givesUp) << "one study per rest";
  }

  TEST_F(RestartPlanTests, AnEngineOfAnotherReleaseIsGivenUpAtOnce)
  {
    EngineEnding other = MakeEnding(false);
    other.canBeRetried = false;
    const RestartPlan::Step step = plan_.Fail(other);
    EXPECT_TRUE(step.givesUp);
    EXPECT_EQ(minutes(15), step.delay) << "it may be installed anew meanwhile";
  }
}
