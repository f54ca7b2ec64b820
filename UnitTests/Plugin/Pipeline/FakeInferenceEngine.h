// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Engine/IInferenceEngine.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  // An engine that answers at once: it marks what it is told to, and counts. Thread-safe, but for what is set by a test
  // before it runs anything.
  class FakeInferenceEngine : public Engine::IInferenceEngine
  {
  public:
    using ReceivedSlices = std::map<std::size_t, std::vector<std::byte>>;

    FakeInferenceEngine();

    std::atomic<bool> findsTumour = true;
    std::atomic<bool> ready = true;
    std::atomic<bool> givenUp = false;         // not ready, and WaitUntilReady() does not wait
    std::atomic<unsigned> timesWaitedFor = 0;  // calls of WaitUntilReady()
    std::atomic<bool> blocks = false;          // Wait() lasts until Cancel()
    std::atomic<unsigned> studies = 0;         // begun
    std::atomic<unsigned> slices = 0;          // received
    std::string modelHash = std::string(64, 'a');
    std::string engineVersion = "0";
    Json::Value card;                           // of a model that has a name and no threshold of its own
    std::optional<std::size_t> slicesWithHead;  // all by default
    std::function<void()> beforeBegin;          // called in BeginStudy(): what happens since its status was asked
    std::function<Engine::MaskSlices(const Engine::StudyRequest&, const ReceivedSlices&)> draw;  // instead of 12 voxels

    // What Wait() throws, if anything.
    void FailWith(const std::optional<Error>& error);

    // Called in Wait(), before the answer: what happens in the world while the engine works.
    void SetHook(std::function<void()> hook);

    bool WaitUntilReady(Engine::TimePoint limit) override;
    std::unique_ptr<Engine::IStudySession> BeginStudy(const Engine::StudyRequest& request,
                                                      Engine::TimePoint limit) override;
    Engine::PhantomResult MakePhantom(const std::string& requestJson, Engine::TimePoint limit) override;
    Engine::EngineStatus GetStatus() const override;

  private:
    class Session;

    Engine::EngineInfo MakeInfo() const;

    std::mutex mutex_;
    std::optional<Error> failure_;
    std::function<void()> hook_;
  };
}
