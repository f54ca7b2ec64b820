// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/RestartPlan.h"

#include "Plugin/Support/RetryPolicy.h"

namespace H3K27M::Engine
{
  namespace
  {
    // So many times as many ends over a request are borne as others. The two are counted apart, never together.
    constexpr unsigned REQUESTS_PER_FAILURE = 4;
  }

  RestartPlan::Step RestartPlan::Fail(const EngineEnding& ending)
  {
    if (ending.served >= options_.healthySpell || ending.completed)
    {
      Forget();
    }

    failures_++;

    if (ending.endedOverRequest)
    {
      // It started well, then.
      withoutRequest_ = 0;
      overRequest_++;
    }
    else
    {
      withoutRequest_++;
    }

    Step step;
    step.givesUp = !ending.canBeRetried || withoutRequest_ >= options_.maxFailuresInARow ||
                   overRequest_ >= REQUESTS_PER_FAILURE * options_.maxFailuresInARow;

    if (step.givesUp)
    {
      givenUp_++;
      const Support::RetryPolicy seldom{.firstDelay = options_.givenUpDelay, .maxDelay = options_.maxGivenUpDelay};
      step.delay = seldom.GetDelay(givenUp_);
    }
    else
    {
      const Support::RetryPolicy soon{.firstDelay = options_.firstDelay, .maxDelay = options_.maxDelay};
      step.delay = soon.GetDelay(failures_);
    }

    return step;
  }

  void RestartPlan::Forget()
  {
    failures_ = 0;
    withoutRequest_ = 0;
    overRequest_ = 0;
    givenUp_ = 0;
  }
}
