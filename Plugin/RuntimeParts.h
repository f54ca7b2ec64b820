// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Delivery/DeliverySender.h"
#include "Plugin/Engine/EngineCommand.h"
#include "Plugin/Engine/EngineSupervisor.h"
#include "Plugin/Masks/MaskWatcher.h"
#include "Plugin/Orthanc/CoreConfiguration.h"
#include "Plugin/Orthanc/JobBoard.h"
#include "Plugin/Orthanc/MetricsSink.h"
#include "Plugin/Orthanc/OrthancArchive.h"
#include "Plugin/Orthanc/OrthancDecoder.h"
#include "Plugin/Orthanc/OrthancTransport.h"
#include "Plugin/Pipeline/ArrangingEngine.h"
#include "Plugin/Pipeline/MetricsReporter.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Shadow/ShadowRunner.h"

#include <memory>

namespace H3K27M
{
  // Everything that exists between Runtime's Start() and Stop(), in the order in which it is built.
  class RuntimeParts
  {
  public:
    // Starts all of it. `configuration` must outlive this object. Throws what a part throws that cannot be made.
    RuntimeParts(OrthancPluginContext* context, const OrthancBinding::CoreConfiguration& configuration);

    RuntimeParts(const RuntimeParts&) = delete;
    RuntimeParts& operator=(const RuntimeParts&) = delete;

    ~RuntimeParts();

    // Ends all work; what still runs in a request fails soon. In the reverse order of the data path.
    void Interrupt();

    Pipeline::StudyIntake& GetIntake()
    {
      return intake_;
    }

    const Rest::Router& GetRouter() const
    {
      return router_;
    }

    // See Runtime::Admits().
    bool Admits(Rest::Request request);

  private:
    const OrthancBinding::CoreConfiguration& configuration_;
    Support::SystemClock clock_;
    OrthancBinding::OrthancArchive archive_;
    OrthancBinding::OrthancDecoder decoder_;
    OrthancBinding::MetricsSink metrics_;
    std::unique_ptr<WorkState::WorkStore> store_;
    Engine::EngineSupervisor engine_;
    Pipeline::ArrangingEngine arranging_;
    Pipeline::StudyTriage triage_;
    Pipeline::WorkerPool workers_;
    OrthancBinding::OrthancTransport transport_;
    Delivery::DeliverySender deliveries_;
    Labels::StudyLabels labels_;
    Labels::LabelImport labelImport_;
    Support::StudyClaims studyClaims_;  // of masks and reviews together
    Review::StudyReviews reviews_;
    Masks::MaskWatcher maskWatcher_;
    Pipeline::StudyIntake intake_;
    Pipeline::PhantomStudies phantoms_;
    Masks::MaskService masks_;
    Review::CaseView view_;
    Models::ModelCatalog models_;
    Models::ModelChoice modelChoice_;
    Models::ShadowChoice shadowChoice_;
    Shadow::ShadowRunner shadow_;
    Engine::EngineCommand modelCheck_;  // that uploads wait for
    Models::ModelExchange exchange_;
    Datasets::StudyExport studyExport_;
    Datasets::DatasetSnapshot datasets_;
    Runs::RunFolders runFolders_;
    OrthancBinding::JobBoard jobs_;
    Runs::RunPool runs_;
    Engine::EngineCommand comparisonCommand_;  // of runs, and of models by what runs have on record
    Runs::RunComparison runComparison_;
    Runs::GateJudgement gates_;
    Rest::AccessPolicy access_;
    Rest::Services services_;
    Rest::Router router_;
    Pipeline::MetricsReporter reporter_;
  };
}
