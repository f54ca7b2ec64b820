// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyTriage.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/ResultJson.h"
#include "Plugin/Pipeline/ResultStore.h"
#include "Plugin/Pipeline/SeriesResultMaker.h"
#include "Plugin/Pipeline/Stopwatch.h"
#include "Plugin/Pipeline/StudyContent.h"

#include <algorithm>
#include <set>
#include <variant>

namespace H3K27M::Pipeline
{
  namespace
  {
    Protocol::DType ToDType(Volume::VoxelType type)
    {
      switch (type)
      {
        case Volume::VoxelType::U8:
          return Protocol::DType::U8;
        case Volume::VoxelType::I8:
          return Protocol::DType::I8;
        case Volume::VoxelType::U16:
          return Protocol::DType::U16;
        case Volume::VoxelType::I16:
          return Protocol::DType::I16;
        case Volume::VoxelType::U32:
          return Protocol::DType::U32;
        case Volume::VoxelType::I32:
          return Protocol::DType::I32;
      }

      throw Error(ErrorCode::Internal, "unknown voxel type");
    }

    // A sentence for a person: which series were looked at and why none was taken.
    std::string ExplainRefusal(const std::vector<SeriesReading>& readings)
    {
      if (readings.empty())
      {
        return "the study holds no image series";
      }

      std::string text = "no series of this study is an axial T2-weighted MR of the head:";

      for (const SeriesReading& reading : readings)
      {
        text += " [" + reading.seriesId + "]";

        for (const std::string& reason : reading.decision.reasons)
        {
          text += " " + reason + ";";
        }
      }

      return text;
    }

    // Moves the results of the chosen series to the shape of the case: the best one's fields on top.
    Json::Value MakeCase(const std::vector<Json::Value>& results, const std::vector<SeriesReading>& readings)
    {
      Json::Value json = results.empty() ? Json::Value(Json::objectValue) : results.front();
      json["further_results"] = Json::arrayValue;

      for (std::size_t i = 1; i < results.size(); i++)
      {
        json["further_results"].append(results[i]);
      }

      json["routing"] = Json::arrayValue;

      for (const SeriesReading& reading : readings)
      {
        json["routing"].append(ToJson(reading));
      }

      return json;
    }

    WorkState::TaskResult MakeTaskResult(const Json::Value& json)
    {
      WorkState::TaskResult result;
      result.json = Protocol::WriteCompactJson(json);
      result.seriesId = json["series"].asString();

      if (json["prediction"]["probability_altered"].isNumeric())
      {
        result.probabilityAltered = json["prediction"]["probability_altered"].asDouble();
      }

      if (json["volume_mm3"].isNumeric())
      {
        result.volumeMm3 = json["volume_mm3"].asDouble();
      }

      return result;
    }
  }

  StudyTriage::StudyTriage(Archive::IArchive& archive, Engine::IInferenceEngine& engine,
                           Volume::IExternalDecoder& decoder, TriageOptions options) :
    archive_(archive),
    engine_(engine),
    decoder_(&decoder),
    options_(std::move(options)),
    reader_(options_.routing, options_.limits)
  {
  }

  SeriesReading StudyTriage::ReadSeries(const Archive::SeriesSnapshot& series, const std::string& studyId) const
  {
    InstanceCache files(archive_, 0, options_.limits.maxBytes);
    return reader_.Read(series, studyId, files);
  }

  std::vector<SeriesReading> StudyTriage::ReadStudy(const Archive::StudySnapshot& study, InstanceCache& files,
                                                    Cancellation& cancellation) const
  {
    std::vector<SeriesReading> readings;

    for (const Archive::SeriesSnapshot& series : GetSourceSeries(study))
    {
      cancellation.ThrowIfRequested();
      readings.push_back(reader_.Read(series, study.id, files));
    }

    return readings;
  }

  TriageOutcome StudyTriage::Run(const WorkState::Task& task, Cancellation& cancellation) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(task.studyId);

    if (!study)
    {
      return {TriageOutcome::Kind::Gone, "the study is no longer in the archive", {}, {}};
    }

    const std::string fingerprint = ComputeFingerprint(*study);

    if (fingerprint != task.fingerprint)
    {
      return {TriageOutcome::Kind::Changed,
              "images came or went since the study was queued",
              {},
              {task.studyId, study->studyInstanceUid, fingerprint, task.priority,
               GetStableTime(*study, options_.stableAge), false}};
    }

    return Triage(*study, task.resultJson, cancellation);
  }

  TriageOutcome StudyTriage::Triage(const Archive::StudySnapshot& study, const std::string& previous,
                                    Cancellation& cancellation) const
  {
    Stopwatch clock;
    InstanceCache files(archive_, options_.maxCachedBytes, options_.limits.maxBytes);
    std::vector<SeriesReading> readings = ReadStudy(study, files, cancellation);
    const double routeMs = clock.Lap();

    std::vector<Routing::SeriesCandidate> candidates;

    for (const SeriesReading& reading : readings)
    {
      if (reading.candidate)
      {
        candidates.push_back(*reading.candidate);
      }
    }

    std::vector<Json::Value> results;
    std::set<std::string> currentSeries;

    for (const Routing::SeriesCandidate& chosen : Routing::StudyRouter(options_.routing.candidates).Choose(candidates))
    {
      const auto reading = std::find_if(readings.begin(), readings.end(), [&chosen](const SeriesReading& item)
      { return item.seriesId == chosen.orthancSeriesId; });
      SeriesResult result = ProcessSeries(*reading, previous, files, cancellation);
      result.json["timings_ms"]["route"] = routeMs;
      currentSeries.insert(result.storedSeries.begin(), result.storedSeries.end());
      results.push_back(std::move(result.json));
    }

    const Json::Value json = MakeCase(results, readings);

    if (results.empty())
    {
      return {TriageOutcome::Kind::Refused, ExplainRefusal(readings), MakeTaskResult(json), {}};
    }

    if (!options_.shadow)
    {
      ResultStore(archive_).RemoveOutdated(study.id, currentSeries);
    }

    return {TriageOutcome::Kind::Done, {}, MakeTaskResult(json), {}};
  }

  SeriesResult StudyTriage::ProcessSeries(SeriesReading& reading, const std::string& previous, InstanceCache& files,
                                          Cancellation& cancellation) const
  {
    const std::optional<Engine::EngineInfo> info = engine_.GetStatus().info;

    if (!info)
    {
      throw Error(ErrorCode::Unavailable, "the engine is not ready");
    }

    const SeriesResultMaker maker(reading.volume->series, *info, options_);

    if (std::optional<SeriesResult> known = maker.FindStored(archive_, previous))
    {
      return std::move(*known);
    }

    Stopwatch clock;
    const Engine::StudyResult computed = Compute(reading, maker.MakeRequest(), files, cancellation);
    const double engineMs = clock.Lap();
    cancellation.ThrowIfRequested();

    SeriesResult result = maker.Make(computed, reading.volume->warnings, archive_);
    result.json["timings_ms"]["send_and_wait"] = engineMs;
    result.json["timings_ms"]["total"] = clock.Total();
    return result;
  }

  Engine::StudyResult StudyTriage::Compute(SeriesReading& reading, const Engine::StudyRequest& request,
                                           InstanceCache& files, Cancellation& cancellation) const
  {
    const Engine::TimePoint limit = std::chrono::steady_clock::now() + options_.studyTimeout;
    const std::unique_ptr<Engine::IStudySession> session = engine_.BeginStudy(request, limit);
    const Cancellation::Hook hook(cancellation, [&session] { session->Cancel(); });

    SendSlices(*session, reading, files, cancellation);
    session->End();
    return session->Wait();
  }

  Volume::DecodeOutcome StudyTriage::Decode(const Volume::SourceSlice& slice, const SeriesReading& reading,
                                            InstanceCache& files) const
  {
    const FileOutcome file = files.Get(slice.orthancInstanceId);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&file))
    {
      return *refusal;
    }

    return decoder_.Decode(*std::get<std::shared_ptr<const std::string>>(file),
                           reading.headers.at(slice.orthancInstanceId), slice.frameNumber);
  }

  void StudyTriage::SendSlices(Engine::IStudySession& session, SeriesReading& reading, InstanceCache& files,
                               Cancellation& cancellation) const
  {
    const std::vector<Volume::SourceSlice>& slices = reading.volume->series.slices;

    for (std::size_t i = 0; i < slices.size(); i++)
    {
      cancellation.ThrowIfRequested();
      const Volume::DecodeOutcome outcome = Decode(slices[i], reading, files);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        throw Error(ErrorCode::BadInput,
                    "slice " + std::to_string(i) + " (instance " + slices[i].orthancInstanceId + "): " + refusal->text);
      }

      const Volume::DecodedFrame& frame = std::get<Volume::DecodedFrame>(outcome);
      session.SendSlice(
        {i, ToDType(frame.type), std::as_bytes(std::span(frame.bytes)), frame.rescaleSlope, frame.rescaleIntercept});

      if (!slices[i].isMultiFrame)
      {
        files.Drop(slices[i].orthancInstanceId);
      }
    }
  }
}
