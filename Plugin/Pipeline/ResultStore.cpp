// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ResultStore.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Attestation.h"
#include "Plugin/Pipeline/Stopwatch.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    bool HoldsResult(const Archive::StudySnapshot& study, const std::string& seriesUid)
    {
      return !GetTriageResults(study, {seriesUid}).empty();
    }
  }

  void ResultStore::Store(const Archive::StudySnapshot& before, std::span<SeriesResult> results) const
  {
    Sets begun;

    try
    {
      for (SeriesResult& result : results)
      {
        // What is replaced goes first: from then on its set has begun, too.
        if (result.report && (result.replacesStored || !HoldsResult(before, result.report->seriesInstanceUid)))
        {
          begun.emplace(result.report->seriesInstanceUid, result.seriesUids);
        }

        RemoveReplaced(before.id, result);
        Store(result);
      }
    }
    catch (const Error& e)
    {
      Withdraw(before.id, begun, e);
      throw;
    }
  }

  void ResultStore::Withdraw(const std::string& studyId, const Sets& begun, const Error& cause) const
  {
    try
    {
      const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
      std::set<std::string> seriesUids;

      if (!study)
      {
        return;
      }

      for (const auto& [report, series] : begun)
      {
        // What has its report now was finished before the failure, or by another server that took the task over.
        if (!cause.CanRetry() || !HoldsResult(*study, report))
        {
          seriesUids.insert(series.begin(), series.end());
        }
      }

      Remove(*study, seriesUids);
    }
    catch (const Error& e)
    {
      // Where no attempt would follow, this failure asks for one.
      if (!cause.CanRetry())
      {
        throw;
      }

      Support::Log::Warning("study " + studyId + ": an unfinished result could not be removed: " + e.what());
    }
  }

  // An archive that does not overwrite keeps the first of two objects of one UID.
  void ResultStore::RemoveReplaced(const std::string& studyId, const SeriesResult& result) const
  {
    const std::optional<Archive::StudySnapshot> study =
      result.replacesStored ? archive_.GetStudy(studyId) : std::nullopt;

    if (study)
    {
      Remove(*study, std::set<std::string>(result.seriesUids.begin(), result.seriesUids.end()));
    }
  }

  void ResultStore::Store(SeriesResult& result) const
  {
    if (!result.report)
    {
      return;
    }

    Stopwatch clock;

    if (result.segmentation)
    {
      result.json["segmentation"] = archive_.Store(std::span(result.segmentation->bytes));
    }

    if (result.saliency)
    {
      result.json["saliency"] = archive_.Store(std::span(result.saliency->bytes));
    }

    result.json["report"] = archive_.Store(std::span(result.report->bytes));
    result.segmentation.reset();
    result.saliency.reset();
    result.report.reset();

    Json::Value& timings = result.json["timings_ms"];
    timings["store"] = clock.Total();
    timings["total"] = timings["total"].asDouble() + clock.Total();
  }

  bool ResultStore::RemoveOrphans(const std::string& studyId, std::span<const SeriesResult> results) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
    std::set<std::string> orphans;

    if (!study)
    {
      return false;
    }

    for (const SeriesResult& result : results)
    {
      if (study->FindSeries(result.sourceSeriesId) == nullptr)
      {
        orphans.insert(result.seriesUids.begin(), result.seriesUids.end());
      }
    }

    Remove(*study, orphans);
    return !orphans.empty();
  }

  std::size_t ResultStore::RemoveOutdated(const std::string& studyId, const std::set<std::string>& current) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
    std::set<std::string> outdated;

    if (!study)
    {
      return 0;
    }

    for (const Archive::SeriesSnapshot& series : GetTriageResults(*study))
    {
      if (!current.contains(series.seriesInstanceUid))
      {
        outdated.insert(series.seriesInstanceUid);
      }
    }

    return Remove(*study, outdated);
  }

  std::size_t ResultStore::Remove(const Archive::StudySnapshot& study, const std::set<std::string>& seriesUids) const
  {
    std::vector<Archive::SeriesSnapshot> results = GetTriageResults(study, seriesUids);
    const std::set<std::string> attested = FindAttestedResults(archive_, study.id, results);
    std::erase_if(results, [&attested](const Archive::SeriesSnapshot& series)
    { return attested.contains(series.seriesInstanceUid); });

    for (const Archive::SeriesSnapshot& series : results)
    {
      archive_.DeleteSeries(series.id);
    }

    return results.size();
  }
}
