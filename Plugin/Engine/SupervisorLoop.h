// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/EngineLife.h"
#include "Plugin/Engine/EngineStatus.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Engine/RestartPlan.h"
#include "Plugin/Engine/SupervisorOptions.h"
#include "Plugin/Support/Mutex.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace H3K27M::Engine
{
  // The thread behind EngineSupervisor: one EngineLife after another, with delays between those that failed.
  // All public methods are thread-safe.
  class SupervisorLoop
  {
  public:
    explicit SupervisorLoop(SupervisorOptions options);

    SupervisorLoop(const SupervisorLoop&) = delete;
    SupervisorLoop& operator=(const SupervisorLoop&) = delete;

    ~SupervisorLoop();

    void Start();
    void Stop();
    void Restart();
    void UseModel(const std::string& folder);
    void SetStateCallback(std::function<void(EngineState)> callback);
    bool WaitUntilReady(TimePoint limit);

    // Throws Error(Busy, retry) naming the state when no engine serves.
    std::shared_ptr<EngineClient> GetReadyClient() const;

    EngineStatus GetStatus() const;

  private:
    using Clock = std::chrono::steady_clock;

    void Run();
    SupervisorOptions MakeOptions() const;
    EngineEnding Live();
    void Attach(const EngineLife& life);
    void Detach();
    void Serve(const EngineLife& life);
    bool IsEndWanted() const;
    void HandleFailure(const EngineEnding& ending);
    void Pause(Clock::duration delay);
    void SetState(EngineState state);
    void CloseClient(const Error& reason);

    const SupervisorOptions options_;  // but for the model
    std::function<void(EngineState)> callback_;
    mutable Support::Mutex mutex_;
    mutable std::condition_variable changed_;
    bool stopRequested_ GUARDED_BY(mutex_) = false;
    bool restartRequested_ GUARDED_BY(mutex_) = false;
    bool connectionEnded_ GUARDED_BY(mutex_) = false;
    std::string model_ GUARDED_BY(mutex_);    // empty: that of the options
    EngineStatus status_ GUARDED_BY(mutex_);  // without what the client knows
    RestartPlan plan_ GUARDED_BY(mutex_);
    Clock::time_point stateSince_ GUARDED_BY(mutex_);
    Clock::time_point nextStart_ GUARDED_BY(mutex_);
    std::shared_ptr<EngineClient> client_ GUARDED_BY(mutex_);
    std::thread thread_;
  };
}
