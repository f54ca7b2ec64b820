// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Settings/SettingsReader.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"
#include "Plugin/Settings/AccessReader.h"
#include "Plugin/Settings/DeliveryReader.h"
#include "Plugin/Support/Clock.h"
#include "Plugin/Support/ConnectionString.h"
#include "Plugin/Support/JsonObjectReader.h"

#include <algorithm>

namespace H3K27M::Settings
{
  namespace
  {
    using Support::JsonObjectReader;
    namespace StudyLimits = Protocol::StudyLimits;
    using Choices = std::vector<JsonObjectReader::Choice>;

    constexpr const char* SECTION = "H3K27M";
    constexpr std::int64_t GIBIBYTE = std::int64_t{1} << 30;
    // What minizip inflates in one call (Plugin/Zip/ZipReader.h).
    constexpr std::int64_t MAX_MODEL_BYTES = 2 * GIBIBYTE - 1;
    constexpr std::int64_t MAX_ENGINE_MEMORY_MIB = 16 << 20;

    const Choices TRIAGE = {{"on", static_cast<int>(TriageMode::On)},
                            {"shadow", static_cast<int>(TriageMode::Shadow)},
                            {"off", static_cast<int>(TriageMode::Off)}};
    const Choices DEVICE = {{"auto", static_cast<int>(DevicePreference::Auto)},
                            {"cpu", static_cast<int>(DevicePreference::Cpu)},
                            {"cuda", static_cast<int>(DevicePreference::Cuda)}};
    const Choices PRECISION = {{"auto", 0}, {"fp32", 1}, {"bf16", 2}, {"fp16", 3}};
    const Choices PRIORITY = {{"normal", static_cast<int>(EnginePriority::Normal)},
                              {"low", static_cast<int>(EnginePriority::Low)},
                              {"idle", static_cast<int>(EnginePriority::Idle)}};
    const Choices CANDIDATES = {{"best", static_cast<int>(CandidateChoice::Best)},
                                {"all", static_cast<int>(CandidateChoice::All)}};
    const Choices SALIENCY = {{"none", static_cast<int>(SaliencyChoice::None)},
                              {"key", static_cast<int>(SaliencyChoice::Key)},
                              {"all", static_cast<int>(SaliencyChoice::All)}};
    const Choices TITLE = {{"oncology", static_cast<int>(ReportTitle::Oncology)},
                           {"imaging", static_cast<int>(ReportTitle::Imaging)}};

    template <typename T>
    void ReadCount(JsonObjectReader& reader, const char* key, T& value, std::int64_t minimum, std::int64_t maximum)
    {
      value = static_cast<T>(reader.ReadInteger(key, static_cast<std::int64_t>(value), minimum, maximum));
    }

    void ReadEngine(JsonObjectReader& reader, Settings& settings)
    {
      settings.enginePath = reader.ReadString("Engine", settings.enginePath);
      settings.modelFolder = reader.ReadString("Model", settings.modelFolder);
      settings.device = reader.ReadChoice("Device", settings.device, DEVICE);
      settings.precision = PRECISION.at(static_cast<std::size_t>(reader.ReadChoice("Precision", 0, PRECISION))).name;
      ReadCount(reader, "Threads", settings.threads, 0, 256);
      settings.enginePriority = reader.ReadChoice("EnginePriority", settings.enginePriority, PRIORITY);

      if (reader.Has("EngineMemoryMiB"))
      {
        settings.engineMemoryMiB =
          static_cast<std::uint64_t>(reader.ReadInteger("EngineMemoryMiB", 0, 0, MAX_ENGINE_MEMORY_MIB));
      }

      ReadCount(reader, "StartLimitSeconds", settings.startLimitSeconds, 1, 3600);
      ReadCount(reader, "HeartbeatTimeoutSeconds", settings.heartbeatTimeoutSeconds, 2, 3600);
      ReadCount(reader, "ProgressTimeoutSeconds", settings.progressTimeoutSeconds, 2, Support::SECONDS_PER_DAY);
      ReadCount(reader, "MaxEngineFailures", settings.maxEngineFailures, 1, 1000);
    }

    void ReadWork(JsonObjectReader& reader, Settings& settings)
    {
      ReadCount(reader, "ConcurrentStudies", settings.concurrentStudies, 1, StudyLimits::MAX_OPEN_STUDIES);
      ReadCount(reader, "StudyTimeoutSeconds", settings.studyTimeoutSeconds, 1, Support::SECONDS_PER_DAY);
      ReadCount(reader, "LeaseSeconds", settings.leaseSeconds, 5, 3600);
      ReadCount(reader, "MaxAttempts", settings.maxAttempts, 1, 100);
      ReadCount(reader, "MaxInterruptions", settings.maxInterruptions, 1, 1000);
      ReadCount(reader, "RetryDelaySeconds", settings.retryDelaySeconds, 0, Support::SECONDS_PER_DAY);
      ReadCount(reader, "ReconcileHours", settings.reconcileHours, 0, 24 * 365);
      settings.workStore = reader.ReadString("WorkStore", settings.workStore);

      if (reader.Has("StableAgeSeconds"))
      {
        settings.stableAgeSeconds =
          static_cast<unsigned>(reader.ReadInteger("StableAgeSeconds", 0, 0, Support::SECONDS_PER_DAY));
      }

      if (!settings.workStore.empty())
      {
        try
        {
          Support::ConnectionString::Parse(settings.workStore);
        }
        catch (const Error& e)
        {
          throw Error(ErrorCode::BadInput, std::string("'H3K27M.WorkStore': ") + e.what());
        }
      }
    }

    void ReadModels(JsonObjectReader& reader, Settings& settings)
    {
      settings.modelsFolder = reader.ReadString("ModelsFolder", settings.modelsFolder);
      ReadCount(reader, "MaxModelBytes", settings.maxModelBytes, 1, MAX_MODEL_BYTES);
    }

    void ReadRuns(JsonObjectReader& reader, Settings& settings)
    {
      settings.runsFolder = reader.ReadString("RunsFolder", settings.runsFolder);
      ReadCount(reader, "TrainingThreads", settings.trainingThreads, 0, 256);
      ReadCount(reader, "MaxTrainings", settings.maxTrainings, 1, MAX_TRAININGS);
    }

    void ReadDecision(JsonObjectReader& reader, Settings& settings)
    {
      settings.candidates = reader.ReadChoice("Candidates", settings.candidates, CANDIDATES);
      settings.allowPhantoms = reader.ReadBoolean("AllowPhantoms", settings.allowPhantoms);
      settings.phantomsRoute = reader.ReadBoolean("PhantomsRoute", settings.phantomsRoute);
      settings.srTitle = reader.ReadChoice("SrTitle", settings.srTitle, TITLE);
      settings.saliency = reader.ReadChoice("Saliency", settings.saliency, SALIENCY);

      if (reader.Has("Threshold"))
      {
        settings.threshold = reader.ReadNumber("Threshold", 0, 0, 1);
      }

      if (reader.Has("MinimumTumourAreaMm2"))
      {
        settings.minimumTumourAreaMm2 =
          reader.ReadNumber("MinimumTumourAreaMm2", 0, 0, StudyLimits::MAX_CHOSEN_AREA_MM2);
      }

      settings.minimumTypicality = reader.ReadNumber("MinimumTypicality", settings.minimumTypicality, 0, 1);
    }

    // The dashboard makes a link of it: no other scheme, "javascript:" above all.
    std::string ReadViewer(JsonObjectReader& reader)
    {
      const std::string viewer = reader.ReadString("Viewer", "");
      const bool isAddress = viewer.starts_with("/") || viewer.starts_with("http://") || viewer.starts_with("https://");

      if (!viewer.empty() && (!isAddress || viewer.find("{StudyInstanceUID}") == std::string::npos))
      {
        throw Error(ErrorCode::BadInput,
                    "'H3K27M.Viewer' must begin with \"/\", \"http://\" or \"https://\" and hold {StudyInstanceUID}");
      }

      return viewer;
    }

    void RefuseReversed(double minimum, double maximum, const std::string& what)
    {
      if (minimum > maximum)
      {
        throw Error(ErrorCode::BadInput, "'H3K27M.Routing." + what + "MinimumMs' is above its maximum");
      }
    }

    EnhancedT1Settings ReadEnhancedT1(JsonObjectReader reader)
    {
      EnhancedT1Settings settings;
      settings.echoTimeMaximumMs = reader.ReadNumber("EchoTimeMaximumMs", settings.echoTimeMaximumMs, 0, 10000);
      settings.repetitionTimeMaximumMs =
        reader.ReadNumber("RepetitionTimeMaximumMs", settings.repetitionTimeMaximumMs, 0, 600000);
      settings.inversionTimeMinimumMs =
        reader.ReadNumber("InversionTimeMinimumMs", settings.inversionTimeMinimumMs, 0, 100000);
      reader.RefuseUnknownKeys();
      return settings;
    }

    RoutingSettings ReadRouting(JsonObjectReader reader)
    {
      RoutingSettings routing;
      routing.orientationToleranceDegrees =
        reader.ReadNumber("OrientationToleranceDegrees", routing.orientationToleranceDegrees, 0, 45);
      routing.echoTimeMinimumMs = reader.ReadNumber("EchoTimeMinimumMs", routing.echoTimeMinimumMs, 0, 10000);
      routing.echoTimeMaximumMs = reader.ReadNumber("EchoTimeMaximumMs", routing.echoTimeMaximumMs, 0, 10000);
      routing.repetitionTimeMinimumMs =
        reader.ReadNumber("RepetitionTimeMinimumMs", routing.repetitionTimeMinimumMs, 0, 600000);
      routing.repetitionTimeMaximumMs =
        reader.ReadNumber("RepetitionTimeMaximumMs", routing.repetitionTimeMaximumMs, 0, 600000);
      routing.inversionTimeMaximumMs =
        reader.ReadNumber("InversionTimeMaximumMs", routing.inversionTimeMaximumMs, 0, 100000);
      routing.diffusionBValueMaximum =
        reader.ReadNumber("DiffusionBValueMaximum", routing.diffusionBValueMaximum, 0, 100000);
      routing.allowDerived = reader.ReadBoolean("AllowDerived", routing.allowDerived);
      routing.enhancedT1 = ReadEnhancedT1(reader.ReadObject("CeT1w"));
      routing.headWords = reader.ReadStrings("HeadWords", routing.headWords);
      routing.otherBodyPartWords = reader.ReadStrings("OtherBodyPartWords", routing.otherBodyPartWords);
      routing.localizerWords = reader.ReadStrings("LocalizerWords", routing.localizerWords);
      routing.otherContrastWords = reader.ReadStrings("OtherContrastWords", routing.otherContrastWords);
      routing.t2Words = reader.ReadStrings("T2Words", routing.t2Words);
      routing.t1Words = reader.ReadStrings("T1Words", routing.t1Words);
      routing.contrastAgentWords = reader.ReadStrings("ContrastAgentWords", routing.contrastAgentWords);
      routing.noContrastAgentWords = reader.ReadStrings("NoContrastAgentWords", routing.noContrastAgentWords);
      routing.phantomWords = reader.ReadStrings("PhantomWords", routing.phantomWords);
      reader.RefuseUnknownKeys();
      RefuseReversed(routing.echoTimeMinimumMs, routing.echoTimeMaximumMs, "EchoTime");
      RefuseReversed(routing.repetitionTimeMinimumMs, routing.repetitionTimeMaximumMs, "RepetitionTime");
      return routing;
    }

    LimitSettings ReadLimits(JsonObjectReader reader)
    {
      LimitSettings limits;
      ReadCount(reader, "MinSlices", limits.minSlices, 1, StudyLimits::MAX_SLICES);
      ReadCount(reader, "MaxSlices", limits.maxSlices, 1, StudyLimits::MAX_SLICES);
      ReadCount(reader, "MaxRows", limits.maxRows, 1, StudyLimits::MAX_SIDE);
      ReadCount(reader, "MaxColumns", limits.maxColumns, 1, StudyLimits::MAX_SIDE);
      ReadCount(reader, "MaxFrames", limits.maxFrames, 1, 1000000);
      ReadCount(reader, "MaxBytes", limits.maxBytes, 1, 1024 * GIBIBYTE);
      reader.RefuseUnknownKeys();

      if (limits.minSlices > limits.maxSlices)
      {
        throw Error(ErrorCode::BadInput, "'H3K27M.Limits.MinSlices' is above 'MaxSlices'");
      }

      return limits;
    }

    Json::Value MakeList(const std::vector<std::string>& texts)
    {
      Json::Value json(Json::arrayValue);

      for (const std::string& text : texts)
      {
        json.append(text);
      }

      return json;
    }

    template <typename T>
    Json::Value MakeCount(T value)
    {
      return Json::Value(static_cast<Json::UInt64>(value));
    }

    Json::Value DescribeRouting(const RoutingSettings& routing)
    {
      Json::Value json(Json::objectValue);
      json["OrientationToleranceDegrees"] = routing.orientationToleranceDegrees;
      json["EchoTimeMinimumMs"] = routing.echoTimeMinimumMs;
      json["EchoTimeMaximumMs"] = routing.echoTimeMaximumMs;
      json["RepetitionTimeMinimumMs"] = routing.repetitionTimeMinimumMs;
      json["RepetitionTimeMaximumMs"] = routing.repetitionTimeMaximumMs;
      json["InversionTimeMaximumMs"] = routing.inversionTimeMaximumMs;
      json["DiffusionBValueMaximum"] = routing.diffusionBValueMaximum;
      json["AllowDerived"] = routing.allowDerived;
      json["CeT1w"]["EchoTimeMaximumMs"] = routing.enhancedT1.echoTimeMaximumMs;
      json["CeT1w"]["RepetitionTimeMaximumMs"] = routing.enhancedT1.repetitionTimeMaximumMs;
      json["CeT1w"]["InversionTimeMinimumMs"] = routing.enhancedT1.inversionTimeMinimumMs;
      json["HeadWords"] = MakeList(routing.headWords);
      json["OtherBodyPartWords"] = MakeList(routing.otherBodyPartWords);
      json["LocalizerWords"] = MakeList(routing.localizerWords);
      json["OtherContrastWords"] = MakeList(routing.otherContrastWords);
      json["T2Words"] = MakeList(routing.t2Words);
      json["T1Words"] = MakeList(routing.t1Words);
      json["ContrastAgentWords"] = MakeList(routing.contrastAgentWords);
      json["NoContrastAgentWords"] = MakeList(routing.noContrastAgentWords);
      json["PhantomWords"] = MakeList(routing.phantomWords);
      return json;
    }

    Json::Value DescribeLimits(const LimitSettings& limits)
    {
      Json::Value json(Json::objectValue);
      json["MinSlices"] = MakeCount(limits.minSlices);
      json["MaxSlices"] = MakeCount(limits.maxSlices);
      json["MaxRows"] = MakeCount(limits.maxRows);
      json["MaxColumns"] = MakeCount(limits.maxColumns);
      json["MaxFrames"] = MakeCount(limits.maxFrames);
      json["MaxBytes"] = MakeCount(limits.maxBytes);
      return json;
    }
  }

  Settings ReadSettings(const Json::Value& section)
  {
    JsonObjectReader reader(section, SECTION);
    Settings settings;
    settings.triage = reader.ReadChoice("Triage", settings.triage, TRIAGE);
    ReadEngine(reader, settings);
    ReadWork(reader, settings);
    ReadModels(reader, settings);
    ReadRuns(reader, settings);
    ReadDecision(reader, settings);
    settings.viewer = ReadViewer(reader);
    settings.routing = ReadRouting(reader.ReadObject("Routing"));
    settings.limits = ReadLimits(reader.ReadObject("Limits"));
    settings.access = ReadAccess(reader.ReadObject("Access"));
    settings.delivery = ReadDelivery(reader.ReadObject("Delivery"));
    reader.RefuseUnknownKeys();
    return settings;
  }

  Json::Value ToJson(const Settings& settings)
  {
    Json::Value json(Json::objectValue);
    json["Triage"] = ToString(settings.triage);
    json["Engine"] = settings.enginePath;
    json["Model"] = settings.modelFolder;
    json["Device"] = JsonObjectReader::GetName(DEVICE, settings.device);
    json["Precision"] = settings.precision;
    json["Threads"] = MakeCount(settings.threads);
    json["EnginePriority"] = JsonObjectReader::GetName(PRIORITY, settings.enginePriority);
    json["EngineMemoryMiB"] = settings.engineMemoryMiB ? MakeCount(*settings.engineMemoryMiB) : Json::Value();
    json["StartLimitSeconds"] = MakeCount(settings.startLimitSeconds);
    json["HeartbeatTimeoutSeconds"] = MakeCount(settings.heartbeatTimeoutSeconds);
    json["ProgressTimeoutSeconds"] = MakeCount(settings.progressTimeoutSeconds);
    json["MaxEngineFailures"] = MakeCount(settings.maxEngineFailures);
    json["ConcurrentStudies"] = MakeCount(settings.concurrentStudies);
    json["StudyTimeoutSeconds"] = MakeCount(settings.studyTimeoutSeconds);
    json["LeaseSeconds"] = MakeCount(settings.leaseSeconds);
    json["MaxAttempts"] = MakeCount(settings.maxAttempts);
    json["MaxInterruptions"] = MakeCount(settings.maxInterruptions);
    json["RetryDelaySeconds"] = MakeCount(settings.retryDelaySeconds);
    json["StableAgeSeconds"] = settings.stableAgeSeconds ? MakeCount(*settings.stableAgeSeconds) : Json::Value();
    json["ReconcileHours"] = MakeCount(settings.reconcileHours);
    json["WorkStore"] = Support::HidePassword(settings.workStore);
    json["ModelsFolder"] = settings.modelsFolder;
    json["MaxModelBytes"] = MakeCount(settings.maxModelBytes);
    json["RunsFolder"] = settings.runsFolder;
    json["TrainingThreads"] = MakeCount(settings.trainingThreads);
    json["MaxTrainings"] = MakeCount(settings.maxTrainings);
    json["Candidates"] = JsonObjectReader::GetName(CANDIDATES, settings.candidates);
    json["AllowPhantoms"] = settings.allowPhantoms;
    json["PhantomsRoute"] = settings.phantomsRoute;
    json["Threshold"] = settings.threshold ? Json::Value(*settings.threshold) : Json::Value();
    json["MinimumTumourAreaMm2"] =
      settings.minimumTumourAreaMm2 ? Json::Value(*settings.minimumTumourAreaMm2) : Json::Value();
    json["MinimumTypicality"] = settings.minimumTypicality;
    json["SrTitle"] = JsonObjectReader::GetName(TITLE, settings.srTitle);
    json["Saliency"] = JsonObjectReader::GetName(SALIENCY, settings.saliency);
    json["Viewer"] = settings.viewer;
    json["Routing"] = DescribeRouting(settings.routing);
    json["Limits"] = DescribeLimits(settings.limits);
    json["Access"] = ToJson(settings.access);
    json["Delivery"] = DescribeDelivery(settings.delivery);
    return json;
  }

  std::string ToString(TriageMode mode)
  {
    return JsonObjectReader::GetName(TRIAGE, mode);
  }
}
