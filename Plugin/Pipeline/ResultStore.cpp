// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ResultStore.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Stopwatch.h"
#include "Plugin/Pipeline/StudyContent.h"

namespace H3K27M::Pipeline
{
  void ResultStore::Store(const std::string& studyId, std::span<SeriesResult> results) const
  {
    std::set<std::string> seriesUids;

    try
    {
      for (SeriesResult& result : results)
      {
        seriesUids.insert(result.seriesUids.begin(), result.seriesUids.end());
        Store(result);
      }
    }
    catch (const Error& e)
    {
      // The next attempt takes over what is there, unless there will be none.
      if (!e.CanRetry())
      {
        if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId))
        {
          Remove(*study, seriesUids);
        }
      }

      throw;
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

  std::size_t ResultStore::RemoveOrphans(const std::string& studyId, std::span<const SeriesResult> results) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
    std::set<std::string> orphans;

    if (!study)
    {
      return 0;
    }

    for (const SeriesResult& result : results)
    {
      if (study->FindSeries(result.sourceSeriesId) == nullptr)
      {
        orphans.insert(result.seriesUids.begin(), result.seriesUids.end());
      }
    }

    return Remove(*study, orphans);
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
    std::size_t removed = 0;

    for (const Archive::SeriesSnapshot& series : GetTriageResults(study))
    {
      if (seriesUids.contains(series.seriesInstanceUid))
      {
        archive_.DeleteSeries(series.id);
        removed++;
      }
    }

    return removed;
  }
}
