// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyContent.h"

#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Routing/OwnResults.h"

#include <algorithm>
#include <iterator>

namespace H3K27M::Pipeline
{
  namespace
  {
    bool IsOwn(const Archive::SeriesSnapshot& series)
    {
      // Modality and manufacturer suffice: the SOP class only tells our kinds of result apart.
      return Routing::IsOwnResult(series.modality, {}, series.manufacturer);
    }

    bool IsTriageNumber(int number)
    {
      return number == static_cast<int>(Results::OwnSeriesNumber::Segmentation) ||
             number == static_cast<int>(Results::OwnSeriesNumber::Saliency) ||
             number == static_cast<int>(Results::OwnSeriesNumber::Report);
    }
  }

  std::vector<Archive::SeriesSnapshot> GetSourceSeries(const Archive::StudySnapshot& study)
  {
    std::vector<Archive::SeriesSnapshot> source;
    std::copy_if(study.series.begin(), study.series.end(), std::back_inserter(source),
                 [](const Archive::SeriesSnapshot& series) { return !IsOwn(series); });

    // By identifier: verdicts are listed in the same order each time.
    std::sort(source.begin(), source.end(),
              [](const Archive::SeriesSnapshot& a, const Archive::SeriesSnapshot& b) { return a.id < b.id; });
    return source;
  }

  std::vector<Archive::SeriesSnapshot> GetTriageResults(const Archive::StudySnapshot& study)
  {
    std::vector<Archive::SeriesSnapshot> own;
    std::copy_if(study.series.begin(), study.series.end(), std::back_inserter(own),
                 [](const Archive::SeriesSnapshot& series)
    { return IsOwn(series) && IsTriageNumber(series.seriesNumber); });
    return own;
  }

  std::vector<Archive::SeriesSnapshot> GetTriageResults(const Archive::StudySnapshot& study,
                                                        const std::set<std::string>& seriesUids)
  {
    std::vector<Archive::SeriesSnapshot> results = GetTriageResults(study);
    std::erase_if(results, [&seriesUids](const Archive::SeriesSnapshot& series)
    { return !seriesUids.contains(series.seriesInstanceUid); });
    return results;
  }

  std::vector<Archive::SeriesSnapshot> GetOwnSeries(const Archive::StudySnapshot& study,
                                                    Results::OwnSeriesNumber number)
  {
    std::vector<Archive::SeriesSnapshot> own;
    std::copy_if(study.series.begin(), study.series.end(), std::back_inserter(own),
                 [number](const Archive::SeriesSnapshot& series)
    { return IsOwn(series) && series.seriesNumber == static_cast<int>(number); });
    return own;
  }

  std::string ComputeFingerprint(const Archive::StudySnapshot& study)
  {
    std::vector<std::string> instances;

    for (const Archive::SeriesSnapshot& series : GetSourceSeries(study))
    {
      instances.insert(instances.end(), series.instances.begin(), series.instances.end());
    }

    if (instances.empty())
    {
      return {};
    }

    // Orthanc identifiers are hashes of the DICOM identifiers, so they name the objects.
    std::sort(instances.begin(), instances.end());
    std::string all;

    for (const std::string& instance : instances)
    {
      all += instance + "\n";
    }

    return Results::MakeNameBasedUid(all);
  }

  std::chrono::system_clock::time_point GetSourceTime(const Archive::StudySnapshot& study)
  {
    std::chrono::system_clock::time_point last;

    for (const Archive::SeriesSnapshot& series : GetSourceSeries(study))
    {
      last = std::max(last, series.lastUpdate);
    }

    return last;
  }

  Support::UnixMs GetStableTime(const Archive::StudySnapshot& study, std::chrono::seconds stableAge)
  {
    // An image from before the clock was set back came in the future; it is no younger than one of this moment.
    const auto lastUpdate = std::min(study.lastUpdate, std::chrono::system_clock::now());
    const auto stable = lastUpdate + stableAge + std::chrono::seconds(1);
    return std::chrono::duration_cast<std::chrono::milliseconds>(stable.time_since_epoch()).count();
  }
}
