// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Support/Mutex.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Pipeline
{
  class Cancellation;
  class LeaseKeeper;

  struct WorkerOptions
  {
    unsigned workers = 2;
    std::chrono::milliseconds lease{60000};
    WorkState::RetryPolicy retry;
    std::string owner;  // names this process in leases
    unsigned maxInterruptions = 10;
    WorkState::ClaimScope scope = WorkState::ClaimScope::All;

    // Before each look for a task: another Orthanc may have put another model in force. May be absent.
    std::function<void()> followModel;

    // What is to be sent on of a result; none: nothing is.
    std::function<std::vector<WorkState::DeliveryOrder>(const WorkState::TaskResult&)> planDeliveries;
  };

  // Threads that claim tasks, run StudyTriage and record how it ended. A task is claimed only while the engine serves,
  // so a broken engine costs no attempts; nor does a study that the engine had no turn for (Error(Busy)). About once
  // per lease they queue again what another Orthanc left behind. Start and Stop once each; Wake from any thread.
  class WorkerPool
  {
  public:
    // The references must outlive this object.
    WorkerPool(WorkState::WorkStore& store, Engine::IInferenceEngine& engine, const StudyTriage& triage,
               WorkerOptions options);

    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    ~WorkerPool();

    void Start();

    // Interrupts what runs (it is queued again and loses no attempt) and waits for the threads.
    void Stop() noexcept;

    // Something may be due: a task came, the engine is ready.
    void Wake();

  private:
    // How an attempt ended.
    struct Ending
    {
      std::string words;             // for the log
      std::function<void()> record;  // in the store; may be repeated
      bool pause = false;            // no use in claiming the next task at once
    };

    class Running;

    void Run(const std::stop_token& stop);
    void Step(const std::stop_token& stop);
    void RecoverWhenDue();
    void WaitForWork(const std::stop_token& stop, std::uint64_t seen);
    bool WaitForStop(const std::stop_token& stop, std::chrono::milliseconds limit);
    std::uint64_t GetWakes();
    bool Process(const WorkState::Task& task, const std::stop_token& stop);
    Ending Attempt(const WorkState::Task& task, Cancellation& cancellation, const std::stop_token& stop);
    Ending MakeEnding(const WorkState::Task& task, TriageOutcome outcome);
    Ending MakeFailure(const WorkState::Task& task, const std::string& reason, bool canRetry);
    void Record(const WorkState::Task& task, const Ending& ending, const LeaseKeeper& keeper,
                const std::stop_token& stop);

    WorkState::WorkStore& store_;
    Engine::IInferenceEngine& engine_;
    const StudyTriage& triage_;
    WorkerOptions options_;

    Support::Mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t wakes_ GUARDED_BY(mutex_) = 0;
    std::map<Cancellation*, WorkState::ClaimTicket> running_ GUARDED_BY(mutex_);
    std::chrono::steady_clock::time_point nextRecovery_ GUARDED_BY(mutex_);

    std::vector<std::jthread> threads_;  // last: joined before what they use goes
  };
}
