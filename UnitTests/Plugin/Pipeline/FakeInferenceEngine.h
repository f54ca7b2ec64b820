// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Engine/IInferenceEngine.h"

#include <atomic>
#include <mutex>
#include <optional>

namespace H3K27M::Testing
{
  // An engine that answers at once: it marks what it is told to, and counts. Thread-safe.
  class FakeInferenceEngine : public Engine::IInferenceEngine
  {
  public:
    std::atomic<bool> findsTumour = true;
    std::atomic<bool> ready = true;
    std::atomic<bool> givenUp = false;         // not ready, and WaitUntilReady() does not wait
    std::atomic<unsigned> timesWaitedFor = 0;  // calls of WaitUntilReady()
    std::atomic<bool> blocks = false;          // Wait() lasts until Cancel()
    std::atomic<unsigned> studies = 0;         // begun
    std::atomic<unsigned> slices = 0;          // received
    std::string modelHash = std::string(64, 'a');

    // What Wait() throws, if anything.
    void FailWith(const std::optional<Error>& error);

    bool WaitUntilReady(Engine::TimePoint limit) override;
    std::unique_ptr<Engine::IStudySession> BeginStudy(const Engine::StudyRequest& request,
                                                      Engine::TimePoint limit) override;
    Engine::PhantomResult MakePhantom(const std::string& requestJson, Engine::TimePoint limit) override;
    Engine::EngineStatus GetStatus() const override;

  private:
    class Session;

    std::mutex mutex_;
    std::optional<Error> failure_;
  };
}
