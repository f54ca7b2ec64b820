// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/SettingsMapping.h"

#include "Inference/Protocol/StudyLimits.h"
#include "Plugin/Delivery/DeliveryPlan.h"
#include "Plugin/Support/MachineMemory.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace H3K27M
{
  using OrthancBinding::CoreConfiguration;

  namespace
  {
    constexpr std::uint64_t MEBIBYTE = std::uint64_t{1} << 20;

    const char* ToArgument(Settings::DevicePreference device)
    {
      switch (device)
      {
        case Settings::DevicePreference::Cpu:
          return "cpu";
        case Settings::DevicePreference::Cuda:
          return "cuda";
        case Settings::DevicePreference::Auto:
          return "auto";
      }

      return "auto";
    }

    Engine::ProcessPriority MapPriority(Settings::EnginePriority priority)
    {
      switch (priority)
      {
        case Settings::EnginePriority::Normal:
          return Engine::ProcessPriority::Normal;
        case Settings::EnginePriority::Low:
          return Engine::ProcessPriority::Low;
        case Settings::EnginePriority::Idle:
          return Engine::ProcessPriority::Idle;
      }

      return Engine::ProcessPriority::Low;
    }

    Engine::SaliencyChoice MapSaliency(Settings::SaliencyChoice choice)
    {
      switch (choice)
      {
        case Settings::SaliencyChoice::None:
          return Engine::SaliencyChoice::None;
        case Settings::SaliencyChoice::Key:
          return Engine::SaliencyChoice::Key;
        case Settings::SaliencyChoice::All:
          return Engine::SaliencyChoice::All;
      }

      return Engine::SaliencyChoice::None;
    }

    void Append(std::vector<std::string>& words, const std::vector<std::string>& further)
    {
      words.insert(words.end(), further.begin(), further.end());
    }

    // What is wanted of a series whatever its contrast.
    Routing::RoutingRules MapCommonRules(const Settings::Settings& settings, Routing::RoutingRules rules)
    {
      const Settings::RoutingSettings& source = settings.routing;
      rules.orientationToleranceDegrees = source.orientationToleranceDegrees;
      rules.diffusionBValueMaximum = source.diffusionBValueMaximum;
      rules.allowDerived = source.allowDerived;
      rules.allowPhantoms = settings.allowPhantoms;
      rules.candidates = settings.candidates == Settings::CandidateChoice::All ? Routing::CandidatePolicy::All
                                                                               : Routing::CandidatePolicy::Best;
      Append(rules.words.head, source.headWords);
      Append(rules.words.otherBodyParts, source.otherBodyPartWords);
      Append(rules.words.localizers, source.localizerWords);
      Append(rules.words.otherContrasts, source.otherContrastWords);
      Append(rules.words.t2, source.t2Words);
      Append(rules.words.t1, source.t1Words);
      Append(rules.words.contrastAgent, source.contrastAgentWords);
      Append(rules.words.noContrastAgent, source.noContrastAgentWords);
      Append(rules.words.phantoms, source.phantomWords);
      return rules;
    }

    Routing::RoutingRules MapRouting(const Settings::Settings& settings)
    {
      const Settings::RoutingSettings& source = settings.routing;
      Routing::RoutingRules rules = MapCommonRules(settings, {});
      rules.echoTimeMinimumMs = source.echoTimeMinimumMs;
      rules.echoTimeMaximumMs = source.echoTimeMaximumMs;
      rules.repetitionTimeMinimumMs = source.repetitionTimeMinimumMs;
      rules.repetitionTimeMaximumMs = source.repetitionTimeMaximumMs;
      rules.inversionTimeMaximumMs = source.inversionTimeMaximumMs;
      return rules;
    }

    Routing::RoutingRules MapEnhancedT1(const Settings::Settings& settings)
    {
      const Settings::EnhancedT1Settings& source = settings.routing.enhancedT1;
      Routing::RoutingRules rules = MapCommonRules(settings, Routing::RoutingRules::DefaultOfEnhancedT1());
      rules.echoTimeMaximumMs = source.echoTimeMaximumMs;
      rules.repetitionTimeMaximumMs = source.repetitionTimeMaximumMs;
      rules.inversionTimeMinimumMs = source.inversionTimeMinimumMs;
      return rules;
    }

    Volume::VolumeLimits MapLimits(const Settings::LimitSettings& source)
    {
      const auto narrow = [](std::uint64_t value)
      { return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max())); };

      Volume::VolumeLimits limits;
      limits.minSlices = narrow(source.minSlices);
      limits.maxSlices = narrow(source.maxSlices);
      limits.maxRows = narrow(source.maxRows);
      limits.maxColumns = narrow(source.maxColumns);
      limits.maxFrames = narrow(source.maxFrames);
      limits.maxBytes = source.maxBytes;
      return limits;
    }

    // The engine takes every study that Volume::VolumeAssembler lets through: both count 4 bytes a voxel. It takes
    // whole MiB, so that its limit is the next one above.
    void AppendMemoryLimits(std::vector<std::string>& arguments, const Settings::LimitSettings& limits)
    {
      const std::uint64_t study = (limits.maxBytes + MEBIBYTE - 1) / MEBIBYTE;
      Append(arguments, {"--max-study-mib", std::to_string(study), "--max-open-mib",
                         std::to_string(std::max(study, Protocol::StudyLimits::OPEN_MEBIBYTES))});
    }

    // What all processes of the engine have in common.
    Engine::ProcessLaunch MapLaunch(const CoreConfiguration& configuration)
    {
      const std::optional<std::uint64_t> wanted = configuration.settings.engineMemoryMiB;
      Engine::ProcessLaunch launch;
      launch.program = configuration.enginePath.string();
      launch.memoryBytes = wanted ? *wanted * MEBIBYTE : Support::GetMachineMemory() / 4 * 3;
      return launch;
    }
  }

  Engine::SupervisorOptions MapSupervisor(const CoreConfiguration& configuration)
  {
    const Settings::Settings& settings = configuration.settings;
    Engine::SupervisorOptions options;
    options.launch = MapLaunch(configuration);
    options.launch.arguments = {"serve",
                                "--model",
                                configuration.modelFolder.string(),
                                "--device",
                                ToArgument(settings.device),
                                "--precision",
                                settings.precision,
                                "--threads",
                                std::to_string(settings.threads)};
    AppendMemoryLimits(options.launch.arguments, settings.limits);
    options.launch.priority = MapPriority(settings.enginePriority);
    options.helloLimit = std::chrono::seconds(settings.startLimitSeconds);
    options.heartbeatLimit = std::chrono::seconds(settings.heartbeatTimeoutSeconds);
    options.progressLimit = std::chrono::seconds(settings.progressTimeoutSeconds);
    options.maxFailuresInARow = settings.maxEngineFailures;
    return options;
  }

  Pipeline::TriageOptions MapTriage(const CoreConfiguration& configuration)
  {
    const Settings::Settings& settings = configuration.settings;
    Pipeline::TriageOptions options;
    options.routing = MapRouting(settings);
    options.enhancedT1 = MapEnhancedT1(settings);
    options.limits = MapLimits(settings.limits);
    options.report.title =
      settings.srTitle == Settings::ReportTitle::Imaging ? Results::SrTitle::Imaging : Results::SrTitle::Oncology;
    options.minimumTumourAreaMm2 = settings.minimumTumourAreaMm2;
    options.threshold = settings.threshold;
    options.minimumTypicality = settings.minimumTypicality;
    options.saliency = MapSaliency(settings.saliency);
    options.shadow = settings.triage == Settings::TriageMode::Shadow;
    options.studyTimeout = std::chrono::seconds(settings.studyTimeoutSeconds);
    options.stableAge = configuration.stableAge;
    options.softwareVersion = H3K27M_VERSION;
    return options;
  }

  Shadow::RunnerOptions MapShadow(const CoreConfiguration& configuration)
  {
    Engine::SupervisorOptions supervisor = MapSupervisor(configuration);
    supervisor.launch.priority = Engine::ProcessPriority::Idle;
    Shadow::RunnerOptions options;
    options.triage = MapTriage(configuration);
    options.startLimit = std::chrono::seconds(configuration.settings.startLimitSeconds);
    options.makeEngine = [supervisor](const std::filesystem::path& model)
    {
      auto engine = std::make_unique<Engine::EngineSupervisor>(supervisor);
      engine->UseModel(model.string());
      engine->Start();
      return engine;
    };
    return options;
  }

  Pipeline::WorkerOptions MapWorkers(const CoreConfiguration& configuration, std::function<void()> followModel)
  {
    const Settings::Settings& settings = configuration.settings;
    Pipeline::WorkerOptions options;
    options.workers = settings.concurrentStudies;
    options.lease = std::chrono::seconds(settings.leaseSeconds);
    options.retry.maxAttempts = settings.maxAttempts;
    options.retry.firstDelay = std::chrono::seconds(settings.retryDelaySeconds);
    options.owner = configuration.owner;
    options.maxInterruptions = settings.maxInterruptions;
    options.scope =
      settings.triage == Settings::TriageMode::Off ? WorkState::ClaimScope::Requested : WorkState::ClaimScope::All;
    options.followModel = std::move(followModel);
    options.planDeliveries = [rules = settings.delivery.rules](const WorkState::TaskResult& result)
    { return Delivery::PlanDeliveries(rules, result); };
    return options;
  }

  Delivery::SenderOptions MapDeliveries(const CoreConfiguration& configuration)
  {
    const Settings::DeliverySettings& settings = configuration.settings.delivery;
    Delivery::SenderOptions options;
    options.rules = settings.rules;
    options.retry.maxAttempts = settings.maxAttempts;
    options.retry.firstDelay = std::chrono::seconds(settings.retryDelaySeconds);
    options.retry.maxDelay = std::chrono::seconds(settings.maxRetryDelaySeconds);
    options.owner = configuration.owner;
    options.sharesStore = !configuration.workStore.starts_with("sqlite:");
    options.webhookLimit = std::chrono::seconds(settings.webhookTimeoutSeconds);
    options.commitmentLimit = std::chrono::seconds(settings.commitmentLimitSeconds);
    // A quarter is left to whoever else asks through this Orthanc.
    options.maxAwaited = configuration.commitmentReports - configuration.commitmentReports / 4;
    return options;
  }

  Engine::EngineCommand MapCommand(const CoreConfiguration& configuration)
  {
    return Engine::EngineCommand(MapLaunch(configuration));
  }

  Models::ModelExchangeOptions MapExchange(const CoreConfiguration& configuration, const Engine::EngineCommand& check)
  {
    constexpr std::chrono::seconds LIMIT(180);  // an ensemble of the paper's size is loaded and tested in less
    Models::ModelExchangeOptions options;
    options.folder = configuration.uploadsFolder;
    options.owner = configuration.owner;
    options.maxBytes = configuration.settings.maxModelBytes;
    // On the processor whatever the device: the one that serves may fill the GPU.
    options.check = [check, LIMIT](const std::filesystem::path& folder)
    { check.Run({"info", "--model", folder.string(), "--device", "cpu"}, LIMIT); };
    return options;
  }

  WorkState::StoreOptions MapStore(const CoreConfiguration& configuration)
  {
    WorkState::StoreOptions options;
    options.connection = configuration.workStore;
    options.auditDays = configuration.settings.access.auditDays;
    return options;
  }

  Runs::RunWorkerOptions MapRuns(const CoreConfiguration& configuration, Runs::IRunBoard& board)
  {
    const Settings::Settings& settings = configuration.settings;
    Runs::RunWorkerOptions options;
    options.owner = configuration.owner;
    options.launch = MapLaunch(configuration);
    options.launch.priority = Engine::ProcessPriority::Idle;  // triage goes first
    options.hardware = {ToArgument(settings.device), settings.trainingThreads};
    options.maxRunning = settings.maxTrainings;
    options.board = &board;
    options.lease = std::chrono::seconds(settings.leaseSeconds);
    return options;
  }

  Pipeline::IntakeOptions MapIntake(const CoreConfiguration& configuration, std::function<void()> onQueued,
                                    std::vector<Pipeline::IStudyWatcher*> watchers)
  {
    Pipeline::IntakeOptions options;
    options.enabled = configuration.settings.triage != Settings::TriageMode::Off;
    options.stableAge = configuration.stableAge;
    options.coreStableAge = configuration.coreStableAge;
    options.retryWait = std::max<std::chrono::milliseconds>(
      WorkState::RetryPolicy().maxDelay, std::chrono::seconds(configuration.settings.delivery.maxRetryDelaySeconds));
    options.reconcileEvery = std::chrono::hours(configuration.settings.reconcileHours);
    options.onQueued = std::move(onQueued);
    options.watchers = std::move(watchers);
    return options;
  }
}
