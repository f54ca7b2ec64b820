// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/RuntimeParts.h"

#include "Plugin/Orthanc/HttpBinding.h"
#include "Plugin/Pipeline/HandChoice.h"
#include "Plugin/SettingsMapping.h"
#include "Plugin/Support/Log.h"

#include <optional>
#include <string>
#include <utility>

namespace H3K27M
{
  using OrthancBinding::CoreConfiguration;

  namespace
  {
    // What people chose stands in the work store, which the configuration knows nothing of.
    Pipeline::TriageOptions WithChoices(Pipeline::TriageOptions options, WorkState::WorkStore& store)
    {
      options.findChoice = [&store](const std::string& studyId) { return Pipeline::FindHandChoice(store, studyId); };
      return options;
    }

    // A candidate in shadow reads the same series.
    Shadow::RunnerOptions WithChoices(Shadow::RunnerOptions options, WorkState::WorkStore& store)
    {
      options.triage = WithChoices(std::move(options.triage), store);
      return options;
    }
  }

  RuntimeParts::RuntimeParts(OrthancPluginContext* context, const CoreConfiguration& configuration) :
    configuration_(configuration),
    archive_(context),
    decoder_(context),
    metrics_(context),
    store_(WorkState::WorkStore::Open(MapStore(configuration), clock_)),
    engine_(MapSupervisor(configuration)),
    arranging_(engine_),
    triage_(archive_, arranging_, decoder_, WithChoices(MapTriage(configuration), *store_)),
    workers_(*store_, engine_, triage_, MapWorkers(configuration, [this] { modelChoice_.Follow(); })),
    transport_(context, configuration.dicomWebRoot, configuration.http),
    deliveries_(*store_, archive_, transport_, clock_, MapDeliveries(configuration)),
    labels_(archive_, *store_, clock_, MapTriage(configuration).limits),
    labelImport_(archive_, labels_),
    reviews_(archive_, *store_, clock_, MapTriage(configuration).limits, studyClaims_),
    maskWatcher_(archive_, *store_, MapTriage(configuration).limits),
    intake_(archive_, *store_, clock_,
            MapIntake(configuration, [this] { workers_.Wake(); },
                      {&labels_.GetWatcher(), &reviews_.GetWatcher(), &maskWatcher_})),
    phantoms_(archive_, engine_),
    masks_(archive_, triage_, studyClaims_),
    view_(archive_, triage_, decoder_, *store_),
    models_(configuration.modelFolder, configuration.runsFolder, configuration.uploadsFolder),
    modelChoice_(models_, *store_, [this](const std::filesystem::path& model) { engine_.UseModel(model.string()); }),
    shadowChoice_(models_, modelChoice_, *store_, clock_),
    shadow_(archive_, decoder_, *store_, shadowChoice_, WithChoices(MapShadow(configuration), *store_)),
    modelCheck_(MapCommand(configuration)),
    exchange_(models_, *store_, MapExchange(configuration, modelCheck_)),
    studyExport_(archive_, triage_, decoder_),
    datasets_(*store_, studyExport_, {configuration.runsFolder / "datasets", configuration.owner}),
    runFolders_(configuration.runsFolder),
    jobs_(context, *store_, runFolders_),
    runs_(*store_, datasets_, models_, modelChoice_, runFolders_, MapRuns(configuration, jobs_)),
    comparisonCommand_(MapCommand(configuration)),
    runComparison_(runFolders_, comparisonCommand_),
    gates_(*store_, models_, modelChoice_, runFolders_, comparisonCommand_),
    access_(configuration.settings.access, configuration.access),
    services_{configuration.settings,
              access_,
              archive_,
              *store_,
              engine_,
              triage_,
              intake_,
              workers_,
              phantoms_,
              masks_,
              models_,
              modelChoice_,
              shadowChoice_,
              exchange_,
              datasets_,
              view_,
              runFolders_,
              runs_,
              runComparison_,
              gates_,
              labels_,
              labelImport_,
              reviews_,
              H3K27M_VERSION,
              [this] { engine_.Restart(); },
              [this] { deliveries_.Wake(); },
              [this] { shadow_.Wake(); }},
    router_(access_, [this](const WorkState::AuditEntry& entry) { store_->AppendAudit(entry); }),
    reporter_(*store_, engine_, clock_, metrics_)
  {
    Rest::AddStatusRoutes(router_, services_);
    Rest::AddAccessRoutes(router_, services_);
    Rest::AddCaseRoutes(router_, services_);
    Rest::AddLabelRoutes(router_, services_);
    Rest::AddReviewRoutes(router_, services_);
    Rest::AddMaskRoutes(router_, services_);
    Rest::AddQueueRoutes(router_, services_);
    Rest::AddDeliveryRoutes(router_, services_);
    Rest::AddModelRoutes(router_, services_);
    Rest::AddShadowRoutes(router_, services_);
    Rest::AddRunRoutes(router_, services_);
    Rest::AddViewRoutes(router_, services_);
    Rest::AddPhantomRoutes(router_, services_);

    if (!access_.HasAdministrator())
    {
      Support::Log::Warning("nobody is administrator here: models cannot be put in force, nor studies of the past "
                            "computed; name one in H3K27M.Access.Roles");
    }

    const std::size_t recovered = store_->RecoverLeases(configuration.owner, configuration.settings.maxInterruptions);

    if (recovered > 0)
    {
      Support::Log::Info(std::to_string(recovered) + " studies were in work when Orthanc ended; they are queued again");
    }

    engine_.SetStateCallback([this](Engine::EngineState) { workers_.Wake(); });

    try
    {
      modelChoice_.Follow();
      engine_.Start();
      workers_.Start();
      intake_.Start();
      runs_.Start();
      deliveries_.Start();
      shadow_.Start();
    }
    catch (const std::exception&)
    {
      // A constructor that throws has no destructor: the engine's thread would wake workers that are gone.
      Interrupt();
      throw;
    }
  }

  RuntimeParts::~RuntimeParts()
  {
    Interrupt();
  }

  void RuntimeParts::Interrupt()
  {
    labelImport_.Interrupt();
    modelCheck_.Interrupt();
    comparisonCommand_.Interrupt();
    shadow_.Stop();
    runs_.Stop();
    jobs_.Close();
    deliveries_.Stop();
    intake_.Stop();
    workers_.Stop();
    engine_.Stop();
  }

  bool RuntimeParts::Admits(Rest::Request request)
  {
    if (const std::optional<std::string> path = OrthancBinding::FindOwnPath(request.path))
    {
      request.path = *path;
      return router_.AdmitsBody(request);
    }

    const OrthancBinding::JobBoard::JobRequest job = jobs_.Parse(request.path);

    if (job.runId.empty())
    {
      return true;
    }

    request.method = Rest::Method::Post;
    request.path = "runs/" + job.runId + "/cancel";

    if (job.action != "cancel")
    {
      return router_.Permits(request);
    }

    // The core tells only a running job that it is cancelled, not one that waits or is paused: the run is cancelled
    // here, by its own route, under the name of whoever asks. What the body is, a filter is not told.
    constexpr int CONFLICT = 409;  // the run is over: of the job alone the core says so
    request.headers["content-type"] = "application/json";
    const int status = router_.Handle(request).status;

    if (status < 400)
    {
      jobs_.SetEnded(job.runId);
    }

    return status < 400 || status == CONFLICT;
  }
}
