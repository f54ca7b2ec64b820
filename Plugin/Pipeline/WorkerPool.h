// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Support/Mutex.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <condition_variable>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Pipeline
{
  class Cancellation;

  struct WorkerOptions
  {
    unsigned workers = 2;
    std::chrono::milliseconds lease{60000};
    WorkState::RetryPolicy retry;
    std::string owner;  // names this process in leases
  };

  // Threads that claim tasks, run StudyTriage and record how it ended. A task is claimed only while the engine serves,
  // so a broken engine costs no attempts. Start and Stop once each; Wake from any thread.
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
    void Run(const std::stop_token& stop);
    void WaitForWork(const std::stop_token& stop);
    void Process(const WorkState::Task& task, const std::stop_token& stop);
    void Attempt(const WorkState::Task& task, Cancellation& cancellation);
    void RecordError(const WorkState::Task& task, const std::string& reason, bool canRetry);

    WorkState::WorkStore& store_;
    Engine::IInferenceEngine& engine_;
    const StudyTriage& triage_;
    WorkerOptions options_;

    Support::Mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t wakes_ GUARDED_BY(mutex_) = 0;
    std::set<Cancellation*> running_ GUARDED_BY(mutex_);

    std::vector<std::jthread> threads_;  // last: joined before what they use goes
  };
}
