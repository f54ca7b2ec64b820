// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Engine/SupervisorOptions.h"

#include <functional>
#include <memory>
#include <string>

namespace H3K27M::Engine
{
  class SupervisorLoop;

  // Owns the engine's process: spawns it from one thread that lives as long as this object (the parent-death signal
  // follows the spawning thread), waits for `hello`, watches heartbeats and progress, restarts with growing delay,
  // and seldom once it has given up (RestartPlan). When the engine dies, the request that it worked on ends with
  // Error(Unavailable, retry), the others with Error(Busy, retry). Thread-safe.
  //
  //   Stopped --Start()--> Starting --hello--> Ready
  //                           |  ^               |
  //                           v  | delay         v  died, hung, babbled
  //                          Waiting <-----------'--(too often)--> GivenUp --long delay, Restart()--> Starting
  class EngineSupervisor : public IInferenceEngine
  {
  public:
    explicit EngineSupervisor(SupervisorOptions options);

    EngineSupervisor(const EngineSupervisor&) = delete;
    EngineSupervisor& operator=(const EngineSupervisor&) = delete;

    // Stops the engine within the limits.
    ~EngineSupervisor() override;

    // On OrthancStarted; returns at once. Called once.
    void Start();

    // On OrthancStopped: open requests fail, the engine is stopped within the limits. For good.
    void Stop();

    // Leaves GivenUp or Waiting at once, or replaces a running engine (a new model, say). Earlier failures are
    // forgotten.
    void Restart();

    // Has the engine load another model from now on: the running one is replaced at once.
    void UseModel(const std::string& folder);

    // Called from the supervisor's thread after each change of state, without locks held: wakes waiting workers.
    // Set before Start().
    void SetStateCallback(std::function<void(EngineState)> callback);

    bool WaitUntilReady(TimePoint limit) override;
    std::unique_ptr<IStudySession> BeginStudy(const StudyRequest& request, TimePoint limit) override;
    PhantomResult MakePhantom(const std::string& requestJson, TimePoint limit) override;
    EngineStatus GetStatus() const override;

  private:
    std::unique_ptr<SupervisorLoop> loop_;
  };
}
