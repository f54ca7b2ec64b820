// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineSupervisor.h"

#include "Plugin/Engine/StudySession.h"
#include "Plugin/Engine/SupervisorLoop.h"

#include <utility>

namespace H3K27M::Engine
{
  EngineSupervisor::EngineSupervisor(SupervisorOptions options) :
    loop_(std::make_unique<SupervisorLoop>(std::move(options)))
  {
  }

  EngineSupervisor::~EngineSupervisor() = default;

  void EngineSupervisor::Start()
  {
    loop_->Start();
  }

  void EngineSupervisor::Stop()
  {
    loop_->Stop();
  }

  void EngineSupervisor::Restart()
  {
    loop_->Restart();
  }

  void EngineSupervisor::UseModel(const std::string& folder)
  {
    loop_->UseModel(folder);
  }

  void EngineSupervisor::SetStateCallback(std::function<void(EngineState)> callback)
  {
    loop_->SetStateCallback(std::move(callback));
  }

  bool EngineSupervisor::WaitUntilReady(TimePoint limit)
  {
    return loop_->WaitUntilReady(limit);
  }

  std::unique_ptr<IStudySession> EngineSupervisor::BeginStudy(const StudyRequest& request, TimePoint limit)
  {
    return std::make_unique<StudySession>(loop_->GetReadyClient(), request, limit);
  }

  PhantomResult EngineSupervisor::MakePhantom(const std::string& requestJson, TimePoint limit)
  {
    const std::shared_ptr<EngineClient> client = loop_->GetReadyClient();
    return RequestPhantom(*client, requestJson, limit);
  }

  EngineStatus EngineSupervisor::GetStatus() const
  {
    return loop_->GetStatus();
  }
}
