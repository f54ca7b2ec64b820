// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/DatasetSnapshot.h"
#include "Plugin/Engine/ChildProcess.h"
#include "Plugin/Engine/ProcessLaunch.h"
#include "Plugin/Models/ModelChoice.h"
#include "Plugin/Runs/IRunBoard.h"
#include "Plugin/Runs/RunFolders.h"
#include "Plugin/Runs/RunSpec.h"
#include "Plugin/Support/WakeSignal.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Runs
{
  struct RunWorkerOptions
  {
    std::string owner;                      // of leases, the same after a restart
    std::vector<std::string> formerOwners;  // that are nobody's any more: what they left running is queued again
    Engine::ProcessLaunch launch;           // the engine's program; arguments are each run's
    RunHardware hardware;
    unsigned maxRunning = 1;      // trainings at once, over all Orthancs that share the work store
    unsigned maxAttempts = 3;     // of one run, where another may help: a signal ended the engine, no memory was left
    unsigned maxBeginnings = 10;  // also of a run that ended Orthanc each time, which has counted no fault
    IRunBoard* board = nullptr;   // may be absent
    std::chrono::milliseconds lease{60000};
    std::chrono::milliseconds silence{600000};  // so long an engine may write no new progress before it is ended
    std::chrono::milliseconds pause{10000};     // between two looks for a run, and before another attempt
  };

  // Takes runs from the work store, one after another, and sees them through: data set, the engine as a child process
  // of its own, its end. Orthanc or the engine killed, or the engine hung: the run goes on from its last checkpoint.
  // Cancelling ends the process within a second. One thread.
  class RunWorker
  {
  public:
    // The references must outlive this object.
    RunWorker(WorkState::WorkStore& store, const Datasets::DatasetSnapshot& datasets,
              const Models::ModelCatalog& models, const Models::ModelChoice& choice, const RunFolders& folders,
              RunWorkerOptions options);

    RunWorker(const RunWorker&) = delete;
    RunWorker& operator=(const RunWorker&) = delete;

    ~RunWorker();

    void Start();

    // For good. What runs is queued again; the first only asks for it and returns at once, the second waits for it.
    void RequestStop() noexcept;
    void Stop() noexcept;

    // Something was queued or cancelled.
    void Wake() noexcept;

  private:
    enum class Verdict
    {
      GoOn,
      Cancelled,
      Lost,     // another Orthanc has it
      Stopping  // this one ends
    };

    void Run(const std::stop_token& stop);
    void RecoverFormer();
    void Execute(const WorkState::Run& run, const std::stop_token& stop);
    void Perform(const WorkState::Run& run, const RunSpec& spec, const std::stop_token& stop);
    std::string PrepareDataset(const WorkState::Run& run, const RunSpec& spec, const std::stop_token& stop);
    void KeepDataset(const WorkState::Run& run, const std::string& dataset, const std::stop_token& stop);
    void RecordDone(const WorkState::Run& run, const std::string& summary, const std::stop_token& stop);
    void Record(const WorkState::Run& run, const std::string& what, const std::stop_token& stop,
                const std::function<void()>& record);
    RunPlaces FindPlaces(const WorkState::Run& run, const RunSpec& spec, const std::string& dataset) const;
    void RunEngine(const WorkState::Run& run, const RunSpec& spec, const RunPlaces& places,
                   const std::stop_token& stop);
    void HandleEnding(const WorkState::Run& run, const Engine::ChildProcess::Ending& ending,
                      const std::stop_token& stop);

    // `again`: what is said of the run while it waits for another attempt; `end`: where there is none.
    void TryAgainOrGiveUp(const WorkState::Run& run, bool canRetry, const std::string& again, const std::string& end,
                          const std::stop_token& stop);

    Verdict Look(const WorkState::Run& run, const std::stop_token& stop);
    Verdict AskStore(const WorkState::Run& run);
    void Close(const WorkState::Run& run, Verdict verdict);

    WorkState::WorkStore& store_;
    const Datasets::DatasetSnapshot& datasets_;
    const Models::ModelCatalog& models_;
    const Models::ModelChoice& choice_;
    const RunFolders& folders_;
    const RunWorkerOptions options_;
    Support::WakeSignal wake_;
    bool hasRecoveredFormer_ = false;
    std::chrono::steady_clock::time_point renewed_;  // of the run in hand, as the next
    Verdict verdict_ = Verdict::GoOn;                // of the last look
    std::jthread thread_;
  };
}
