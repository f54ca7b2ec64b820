// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runtime.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Engine/EngineSupervisor.h"
#include "Plugin/Masks/MaskWatcher.h"
#include "Plugin/Orthanc/JobBoard.h"
#include "Plugin/Orthanc/MetricsSink.h"
#include "Plugin/Orthanc/OrthancArchive.h"
#include "Plugin/Orthanc/OrthancDecoder.h"
#include "Plugin/Orthanc/OrthancTransport.h"
#include "Plugin/Pipeline/ArrangingEngine.h"
#include "Plugin/Pipeline/MetricsReporter.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/SettingsMapping.h"
#include "Plugin/Support/Log.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace H3K27M
{
  using OrthancBinding::CoreConfiguration;

  // Everything that exists between Start() and Stop(), in the order in which it is built.
  class Runtime::Parts
  {
  public:
    Parts(OrthancPluginContext* context, const CoreConfiguration& configuration) :
      configuration_(configuration),
      archive_(context),
      decoder_(context),
      metrics_(context),
      store_(WorkState::WorkStore::Open(MapStore(configuration), clock_)),
      engine_(MapSupervisor(configuration)),
      arranging_(engine_),
      triage_(archive_, arranging_, decoder_, MapTriage(configuration)),
      workers_(*store_, engine_, triage_, MapWorkers(configuration, [this] { modelChoice_.Follow(); })),
      transport_(context, configuration.dicomWebRoot),
      deliveries_(*store_, archive_, transport_, clock_, MapDeliveries(configuration)),
      labels_(archive_, *store_, clock_, MapTriage(configuration).limits),
      labelImport_(archive_, labels_),
      reviews_(archive_, *store_, clock_, MapTriage(configuration).limits),
      maskWatcher_(archive_, *store_, MapTriage(configuration).limits),
      intake_(archive_, *store_, clock_,
              MapIntake(configuration, [this] { workers_.Wake(); },
                        {&labels_.GetWatcher(), &reviews_.GetWatcher(), &maskWatcher_})),
      phantoms_(archive_, engine_),
      masks_(archive_, triage_),
      view_(archive_, triage_, decoder_, *store_),
      models_(configuration.modelFolder, configuration.runsFolder, configuration.uploadsFolder),
      modelChoice_(models_, *store_, [this](const std::filesystem::path& model) { engine_.UseModel(model.string()); }),
      shadowChoice_(models_, modelChoice_, *store_, clock_),
      shadow_(archive_, decoder_, *store_, shadowChoice_, MapShadow(configuration)),
      exchange_(models_, *store_, MapExchange(configuration)),
      studyExport_(archive_, triage_, decoder_),
      datasets_(*store_, studyExport_, {configuration.runsFolder / "datasets", configuration.owner}),
      runFolders_(configuration.runsFolder),
      jobs_(context, *store_, runFolders_),
      runs_(*store_, datasets_, models_, modelChoice_, runFolders_, MapRuns(configuration, jobs_)),
      runComparison_(runFolders_, MapCommand(configuration)),
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
        Support::Log::Info(std::to_string(recovered) +
                           " studies were in work when Orthanc ended; they are queued again");
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

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    ~Parts()
    {
      Interrupt();
    }

    // Ends all work; what still runs in a request fails soon. In the reverse order of the data path.
    void Interrupt()
    {
      labelImport_.Interrupt();
      shadow_.Stop();
      runs_.Stop();
      jobs_.Close();
      deliveries_.Stop();
      intake_.Stop();
      workers_.Stop();
      engine_.Stop();
    }

    Pipeline::StudyIntake& GetIntake()
    {
      return intake_;
    }

    const Rest::Router& GetRouter() const
    {
      return router_;
    }

  private:
    const CoreConfiguration& configuration_;
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
    Models::ModelExchange exchange_;
    Datasets::StudyExport studyExport_;
    Datasets::DatasetSnapshot datasets_;
    Runs::RunFolders runFolders_;
    OrthancBinding::JobBoard jobs_;
    Runs::RunWorker runs_;
    Runs::RunComparison runComparison_;
    Rest::AccessPolicy access_;
    Rest::Services services_;
    Rest::Router router_;
    Pipeline::MetricsReporter reporter_;
  };

  class Runtime::Implementation
  {
  public:
    Implementation(OrthancPluginContext* context, CoreConfiguration configuration) :
      context_(context),
      configuration_(std::move(configuration))
    {
    }

    void Start()
    {
      starter_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
    }

    void Stop()
    {
      stopping_ = true;
      starter_.request_stop();

      if (starter_.joinable())
      {
        starter_.join();
      }

      {
        const std::shared_lock lock(mutex_);

        if (parts_)
        {
          parts_->Interrupt();
        }
      }

      // Waits for the requests under way: after this call the core takes away what they use.
      const std::unique_lock lock(mutex_);
      parts_.reset();
      fault_ = "Orthanc is stopping";
    }

    // Calls `body` with the parts, which stay until it is done. Otherwise false, with the reason why there are none.
    template <typename Body>
    bool With(const Body& body, std::string& fault) const
    {
      const std::shared_lock lock(mutex_);

      if (parts_ && !stopping_)
      {
        body(*parts_);
        return true;
      }

      fault = fault_;
      return false;
    }

  private:
    // A database that is not up yet is tried again; a fault that no waiting mends is told by every route.
    void Run(const std::stop_token& stop)
    {
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock wait(mutex);

      while (!stop.stop_requested() && !TryStart())
      {
        wake.wait_for(wait, stop, std::chrono::seconds(5), [&stop] { return stop.stop_requested(); });
      }
    }

    bool TryStart()
    {
      try
      {
        auto parts = std::make_unique<Parts>(context_, configuration_);
        const std::unique_lock lock(mutex_);
        parts_ = std::move(parts);
        return true;
      }
      catch (const std::exception& e)
      {
        const Error* const error = dynamic_cast<const Error*>(&e);
        const bool canRetry = error != nullptr && error->CanRetry();
        Support::Log::Error(std::string("cannot start: ") + e.what());
        const std::unique_lock lock(mutex_);
        fault_ = std::string("the plugin could not start: ") + e.what();
        return !canRetry;
      }
    }

    OrthancPluginContext* context_;
    const CoreConfiguration configuration_;
    mutable std::shared_mutex mutex_;
    std::atomic<bool> stopping_ = false;
    std::unique_ptr<Parts> parts_;                  // guarded by mutex_
    std::string fault_ = "the plugin is starting";  // guarded by mutex_
    std::jthread starter_;
  };

  Runtime::Runtime(OrthancPluginContext* context, CoreConfiguration configuration) :
    implementation_(std::make_unique<Implementation>(context, std::move(configuration)))
  {
  }

  Runtime::~Runtime()
  {
    Stop();
  }

  void Runtime::Start() noexcept
  {
    try
    {
      implementation_->Start();
    }
    catch (const std::exception& e)
    {
      Support::Log::Error(std::string("cannot start: ") + e.what());
    }
  }

  void Runtime::Stop() noexcept
  {
    implementation_->Stop();
  }

  void Runtime::OnStableStudy(const char* studyId) noexcept
  {
    std::string fault;
    implementation_->With([studyId](Parts& parts) { parts.GetIntake().OnStableStudy(studyId); }, fault);
  }

  void Runtime::OnDeletedStudy(const char* studyId) noexcept
  {
    std::string fault;
    implementation_->With([studyId](Parts& parts) { parts.GetIntake().OnDeletedStudy(studyId); }, fault);
  }

  void Runtime::OnDeletedSeries(const char* seriesId) noexcept
  {
    std::string fault;
    implementation_->With([seriesId](Parts& parts) { parts.GetIntake().OnDeletedSeries(seriesId); }, fault);
  }

  Rest::Answer Runtime::Handle(const Rest::Request& request) noexcept
  {
    Rest::Answer answer;
    std::string fault;

    if (!implementation_->With([&](Parts& parts) { answer = parts.GetRouter().Handle(request); }, fault))
    {
      return Rest::Answer::FromError(request, 503, fault);
    }

    return answer;
  }
}
