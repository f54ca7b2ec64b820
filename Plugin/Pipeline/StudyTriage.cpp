// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyTriage.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Attestation.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/ResultStore.h"
#include "Plugin/Pipeline/SeriesResultMaker.h"
#include "Plugin/Pipeline/Stopwatch.h"
#include "Plugin/Pipeline/StudyCase.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

#include <ranges>
#include <set>
#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    TriageOutcome MakeGone()
    {
      return {TriageOutcome::Kind::Gone, "the study is no longer in the archive", {}, {}};
    }

    // Removes all results of a study but for what a review names. Returns what is to be added to a reason; empty where
    // none stood.
    std::string RemoveEarlier(Archive::IArchive& archive, const std::string& studyId)
    {
      const std::size_t removed = ResultStore(archive).RemoveOutdated(studyId, {});
      const std::optional<Archive::StudySnapshot> left = archive.GetStudy(studyId);
      std::string text;

      if (removed > 0)
      {
        text = "; the earlier result (" + std::to_string(removed) + " series) was removed";
      }

      if (left && !GetTriageResults(*left).empty())
      {
        text += "; the results that a review names stay, no longer in force";
      }

      return text;
    }

    constexpr const char* CORRECTED_SINCE =
      "Patient or study were corrected in the images since this result was made; a review names it, so it stays";

    // Whether a review names any of what stands of a result.
    bool IsAttested(Archive::IArchive& archive, const Archive::StudySnapshot& study, const SeriesResult& result)
    {
      const std::set<std::string> seriesUids(result.seriesUids.begin(), result.seriesUids.end());
      return !FindAttestedResults(archive, study.id, GetTriageResults(study, seriesUids)).empty();
    }

    // The case's cautions, with or without that one.
    void TellCorrection(Json::Value& warnings, bool isTold)
    {
      Json::Value told(Json::arrayValue);

      for (const Json::Value& warning : warnings)
      {
        if (warning.asString() != CORRECTED_SINCE)
        {
          told.append(warning);
        }
      }

      if (isTold)
      {
        told.append(CORRECTED_SINCE);
      }

      warnings = told;
    }

    // Whether the result that stands is to be made again, because patient or study are others in the images since. What
    // a review names is not rewritten: that is told beside it.
    bool NeedsCorrection(Archive::IArchive& archive, const Archive::StudySnapshot& study,
                         const SeriesResultMaker& maker, InstanceCache& files, SeriesResult& known)
    {
      const FileOutcome outcome = files.Get(known.json["report"].asString());
      const auto* const report = std::get_if<std::shared_ptr<const std::string>>(&outcome);
      const bool isOutdated = report != nullptr && !maker.AgreesWithImages(**report);
      const bool isKept = isOutdated && IsAttested(archive, study, known);

      if (isKept)
      {
        Support::Log::Warning("study " + study.id + ": " + CORRECTED_SINCE);
      }

      // An attempt that was killed may have corrected the objects, and the work store knows nothing of it.
      if (report != nullptr && !isOutdated && known.json.isMember("header"))
      {
        known.json["header"] = maker.NameHeader();
      }

      TellCorrection(known.json["warnings"], isKept);
      return isOutdated && !isKept;
    }

    // What the work store is told when the study is not what the task was queued for.
    std::optional<TriageOutcome> FindChange(const WorkState::Task& task,
                                            const std::optional<Archive::StudySnapshot>& study,
                                            std::chrono::seconds stableAge)
    {
      if (!study)
      {
        return MakeGone();
      }

      const std::string fingerprint = ComputeFingerprint(*study);

      // What lies there besides images may be our own results, which are not a study; or labels, reviews and masks.
      if (fingerprint.empty())
      {
        return TriageOutcome{
          TriageOutcome::Kind::Emptied, "the images of the study are no longer in the archive", {}, {}};
      }

      if (fingerprint == task.fingerprint)
      {
        return std::nullopt;
      }

      return TriageOutcome{
        TriageOutcome::Kind::Changed,
        "images came or went since the study was queued",
        {},
        {task.studyId, study->studyInstanceUid, fingerprint, task.priority, GetStableTime(*study, stableAge), false}};
    }
  }

  StudyTriage::StudyTriage(Archive::IArchive& archive, Engine::IInferenceEngine& engine,
                           Volume::IExternalDecoder& decoder, TriageOptions options) :
    archive_(archive),
    engine_(engine),
    decoder_(decoder),
    options_(std::move(options)),
    reader_(options_.routing, options_.limits),
    enhancedT1Reader_(options_.enhancedT1, options_.limits),
    computation_(engine, decoder, options_.studyTimeout)
  {
  }

  SeriesReading StudyTriage::ReadSeries(const Archive::SeriesSnapshot& series, const std::string& studyId,
                                        Routing::Contrast contrast) const
  {
    if (contrast == Routing::Contrast::T2w)
    {
      return ReadSeries(series, studyId, FindChoice(studyId));
    }

    InstanceCache files(archive_, 0, options_.limits.maxBytes);
    return enhancedT1Reader_.Read(series, studyId, files);
  }

  SeriesReading StudyTriage::ReadSeries(const Archive::SeriesSnapshot& series, const std::string& studyId,
                                        const std::optional<HandChoice>& choice) const
  {
    InstanceCache files(archive_, 0, options_.limits.maxBytes);
    return reader_.Read(series, studyId, files, choice);
  }

  std::optional<HandChoice> StudyTriage::FindChoice(const std::string& studyId) const
  {
    return options_.findChoice ? options_.findChoice(studyId) : std::nullopt;
  }

  std::vector<SeriesReading> StudyTriage::ReadStudy(const Archive::StudySnapshot& study, InstanceCache& files,
                                                    Cancellation& cancellation) const
  {
    const std::optional<HandChoice> choice = FindChoice(study.id);
    std::vector<SeriesReading> readings;

    for (const Archive::SeriesSnapshot& series : GetSourceSeries(study))
    {
      cancellation.ThrowIfRequested();
      readings.push_back(reader_.Read(series, study.id, files, choice));
    }

    return readings;
  }

  TriageOutcome StudyTriage::Run(const WorkState::Task& task, Cancellation& cancellation) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(task.studyId);

    if (!study)
    {
      return MakeGone();
    }

    if (std::optional<TriageOutcome> change = FindChange(task, study, options_.stableAge))
    {
      return Leave(task.studyId, std::move(*change));
    }

    Stopwatch clock;
    InstanceCache files(archive_, options_.maxCachedBytes, options_.limits.maxBytes);
    std::vector<SeriesReading> readings = ReadStudy(*study, files, cancellation);
    const double routeMs = clock.Lap();
    std::vector<SeriesResult> results = ComputeAll(readings, *study, task.resultJson, files, cancellation);

    for (SeriesResult& result : results)
    {
      result.json["timings_ms"]["route"] = routeMs;
    }

    // Minutes may have passed: what is stored into a study that was deleted meanwhile would bring it back.
    const std::optional<Archive::StudySnapshot> now = archive_.GetStudy(task.studyId);

    if (!now)
    {
      return MakeGone();
    }

    if (std::optional<TriageOutcome> change = FindChange(task, now, options_.stableAge))
    {
      return Leave(task.studyId, std::move(*change));
    }

    cancellation.ThrowIfRequested();
    return results.empty() ? Refuse(*study, readings, files) : Deliver(task, *now, results, readings);
  }

  // All series before the first is stored: a failure leaves nothing half-done.
  std::vector<SeriesResult> StudyTriage::ComputeAll(std::vector<SeriesReading>& readings,
                                                    const Archive::StudySnapshot& study, const std::string& previous,
                                                    InstanceCache& files, Cancellation& cancellation) const
  {
    std::vector<SeriesResult> results;

    for (SeriesReading* const reading : SortCandidates(readings))
    {
      if (!results.empty() && options_.routing.candidates == Routing::CandidatePolicy::Best)
      {
        break;
      }

      if (std::optional<SeriesResult> result = ComputeSeries(*reading, study, previous, files, cancellation))
      {
        results.push_back(std::move(*result));
      }
    }

    return results;
  }

  std::optional<SeriesResult> StudyTriage::ComputeSeries(SeriesReading& reading, const Archive::StudySnapshot& study,
                                                         const std::string& previous, InstanceCache& files,
                                                         Cancellation& cancellation) const
  {
    const std::optional<Engine::EngineInfo> info = engine_.GetStatus().info;

    if (!info)
    {
      throw Error(ErrorCode::Busy, "the engine is not ready");
    }

    const SeriesResultMaker maker(reading.GetVolume().series, *info, options_, reading.choice);
    std::optional<SeriesResult> known = maker.FindStored(study, previous);

    if (known && !NeedsCorrection(archive_, study, maker, files, *known))
    {
      return known;
    }

    Stopwatch clock;
    Engine::StudyResult computed;
    std::vector<Results::SaliencySlice> salient;

    try
    {
      computed = computation_.Run(reading, {maker.MakeRequest(), *info}, files, cancellation);
      salient = computation_.ReadSalientSlices(reading, computed.saliency, files);
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::BadInput)
      {
        throw;
      }

      // Seen only when the pixels are decoded and computed; the next candidate may do.
      reading.Refuse({"slices", e.what(), "pixels that can be decoded and computed"});
      files.DropAll(std::views::keys(reading.headers));
      return std::nullopt;
    }

    const double engineMs = clock.Lap();
    cancellation.ThrowIfRequested();

    SeriesResult result = maker.Make(computed, salient, reading.GetVolume().warnings);
    result.replacesStored = known.has_value();
    result.json["timings_ms"]["send_and_wait"] = engineMs;
    result.json["timings_ms"]["total"] = clock.Total();
    return result;
  }

  TriageOutcome StudyTriage::Leave(const std::string& studyId, TriageOutcome change) const
  {
    if (change.kind == TriageOutcome::Kind::Emptied && !options_.shadow)
    {
      change.reason += RemoveEarlier(archive_, studyId);
    }

    return change;
  }

  TriageOutcome StudyTriage::Refuse(const Archive::StudySnapshot& study, const std::vector<SeriesReading>& readings,
                                    const InstanceCache& files) const
  {
    std::string reason = ExplainRefusal(readings);

    if (!options_.shadow && files.HasLostFiles() && !GetTriageResults(study).empty())
    {
      // The storage may come back, and then nothing has changed.
      reason += "; the earlier result was left in place, because the archive could not give a file";
    }
    else if (!options_.shadow)
    {
      // A prediction on other images, beside a verdict that says that there is none, would be read as of these.
      reason += RemoveEarlier(archive_, study.id);
    }

    return {TriageOutcome::Kind::Refused, reason, DescribeCase({}, readings), {}};
  }

  TriageOutcome StudyTriage::Deliver(const WorkState::Task& task, const Archive::StudySnapshot& study,
                                     std::vector<SeriesResult>& results,
                                     const std::vector<SeriesReading>& readings) const
  {
    if (!options_.shadow)
    {
      const ResultStore store(archive_);
      store.Store(study, results);

      if (store.RemoveOrphans(task.studyId, results))
      {
        std::optional<TriageOutcome> change = FindChange(task, archive_.GetStudy(task.studyId), options_.stableAge);

        if (!change)
        {
          throw Error(ErrorCode::Conflict, "the images were deleted and sent again while results were stored", true);
        }

        return Leave(task.studyId, std::move(*change));
      }

      std::set<std::string> current;

      for (const SeriesResult& result : results)
      {
        current.insert(result.seriesUids.begin(), result.seriesUids.end());
      }

      store.RemoveOutdated(task.studyId, current);
    }

    return {TriageOutcome::Kind::Done, {}, DescribeCase(results, readings), {}};
  }
}
