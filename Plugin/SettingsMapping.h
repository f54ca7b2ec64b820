// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Delivery/DeliverySender.h"
#include "Plugin/Engine/EngineCommand.h"
#include "Plugin/Engine/EngineSupervisor.h"
#include "Plugin/Models/ModelExchange.h"
#include "Plugin/Orthanc/CoreConfiguration.h"
#include "Plugin/Pipeline/StudyIntake.h"
#include "Plugin/Pipeline/TriageOptions.h"
#include "Plugin/Pipeline/WorkerPool.h"
#include "Plugin/Runs/RunWorker.h"
#include "Plugin/Shadow/ShadowRunner.h"

#include <functional>
#include <vector>

namespace H3K27M
{
  // The configuration as each part wants it: the parts know nothing of orthanc.json.
  Engine::SupervisorOptions MapSupervisor(const OrthancBinding::CoreConfiguration& configuration);
  Pipeline::TriageOptions MapTriage(const OrthancBinding::CoreConfiguration& configuration);
  Pipeline::WorkerOptions MapWorkers(const OrthancBinding::CoreConfiguration& configuration,
                                     std::function<void()> followModel);
  Delivery::SenderOptions MapDeliveries(const OrthancBinding::CoreConfiguration& configuration);
  Engine::EngineCommand MapCommand(const OrthancBinding::CoreConfiguration& configuration);
  Models::ModelExchangeOptions MapExchange(const OrthancBinding::CoreConfiguration& configuration,
                                           const Engine::EngineCommand& check);
  Shadow::RunnerOptions MapShadow(const OrthancBinding::CoreConfiguration& configuration);
  WorkState::StoreOptions MapStore(const OrthancBinding::CoreConfiguration& configuration);
  Runs::RunWorkerOptions MapRuns(const OrthancBinding::CoreConfiguration& configuration, Runs::IRunBoard& board);
  Pipeline::IntakeOptions MapIntake(const OrthancBinding::CoreConfiguration& configuration,
                                    std::function<void()> onQueued, std::vector<Pipeline::IStudyWatcher*> watchers);
}
