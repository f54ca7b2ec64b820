// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Models/ShadowChoice.h"
#include "Plugin/Pipeline/TriageOptions.h"
#include "Plugin/Volume/IExternalDecoder.h"
#include "Plugin/Support/WakeSignal.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

namespace H3K27M::Shadow
{
  struct RunnerOptions
  {
    Pipeline::TriageOptions triage;  // as triage's; nothing is stored whatever `shadow` says

    // An engine of its own for the candidate, started, which ends with the object.
    std::function<std::unique_ptr<Engine::IInferenceEngine>(const std::filesystem::path& model)> makeEngine;

    std::chrono::milliseconds pause{5000};  // between two looks when there is nothing to do
    std::chrono::seconds startLimit{180};   // of the engine
    std::chrono::seconds idleLimit{300};    // without a study for so long, the engine's memory is given back
    std::chrono::seconds restLimit{1800};   // so long no engine is started for a candidate that never came up
    unsigned maxFailures = 3;               // of one study in a row; then it is a fault, and the next one has its turn
  };

  // Has the candidate read the studies that triage has finished, one after another and only while triage has nothing to
  // do, and keeps what both say as figures. One thread; Start and Stop once each, Wake from any thread.
  class ShadowRunner
  {
  public:
    // The references must outlive this object.
    ShadowRunner(Archive::IArchive& archive, Volume::IExternalDecoder& decoder, WorkState::WorkStore& store,
                 const Models::ShadowChoice& choice, RunnerOptions options);

    ShadowRunner(const ShadowRunner&) = delete;
    ShadowRunner& operator=(const ShadowRunner&) = delete;

    ~ShadowRunner();

    void Start();

    // Interrupts what runs: the study comes again after the next start.
    void Stop() noexcept;

    void Wake() noexcept;

    // Compares one study; false when there is none, or triage is busy. By the thread, and by tests.
    bool Step(const std::stop_token& stop);

  private:
    class Session;

    void Run(const std::stop_token& stop);
    bool IsTriageIdle();
    Session& OpenSession(const Models::ShadowCandidate& candidate);
    void ReleaseWhenIdle();
    bool IsResting(const WorkState::ShadowModel& model) const;
    bool WaitForEngine(Session& session, const std::stop_token& stop);
    bool Compare(const Models::ShadowCandidate& candidate, const WorkState::Task& task, const std::stop_token& stop);
    void Ask(const WorkState::Task& task, const std::stop_token& stop, WorkState::ShadowResult& result);
    bool IsArchiveAway(const WorkState::Task& task);
    bool CountFailure(const std::string& studyId);

    Archive::IArchive& archive_;
    Volume::IExternalDecoder& decoder_;
    WorkState::WorkStore& store_;
    const Models::ShadowChoice& choice_;
    const RunnerOptions options_;
    std::unique_ptr<Session> session_;
    std::chrono::steady_clock::time_point lastUse_;
    WorkState::ShadowModel resting_;  // whose engine was given up
    std::chrono::steady_clock::time_point restEnd_;
    std::string failing_;  // a study
    unsigned failures_ = 0;
    Support::WakeSignal wake_;
    std::jthread thread_;  // last: joined before what it uses goes
  };
}
