// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"

namespace H3K27M::Pipeline
{
  // Stands before an engine and turns each slice so that its rows follow each other towards posterior and its columns
  // towards the patient's left, the only arrangement that the network has seen; turns the masks back. The other side
  // sees the series' own grid. The order of the slices is kept: the network looks at one slice at a time.
  // Thread-safe as the engine behind it.
  class ArrangingEngine : public Engine::IInferenceEngine
  {
  public:
    // `engine` must outlive this object and the sessions.
    explicit ArrangingEngine(Engine::IInferenceEngine& engine);

    bool WaitUntilReady(Engine::TimePoint limit) override;

    // Goes by the request's imageOrientationPatient.
    std::unique_ptr<Engine::IStudySession> BeginStudy(const Engine::StudyRequest& request,
                                                      Engine::TimePoint limit) override;

    Engine::PhantomResult MakePhantom(const std::string& requestJson, Engine::TimePoint limit) override;
    Engine::EngineStatus GetStatus() const override;

  private:
    Engine::IInferenceEngine& engine_;
  };
}
