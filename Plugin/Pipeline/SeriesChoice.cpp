// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SeriesChoice.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/StudyCase.h"
#include "Plugin/Pipeline/StudyContent.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace H3K27M::Pipeline
{
  std::vector<SeriesReading> ReadSourceSeries(const StudyTriage& triage, const Archive::StudySnapshot& study,
                                              Routing::Contrast contrast, const std::string& wanted)
  {
    std::vector<SeriesReading> readings;

    for (const Archive::SeriesSnapshot& series : GetSourceSeries(study))
    {
      if (wanted.empty() || wanted == series.id || wanted == series.seriesInstanceUid)
      {
        readings.push_back(triage.ReadSeries(series, study.id, contrast));
      }
    }

    return readings;
  }

  SeriesReading ChooseSeries(const StudyTriage& triage, const Archive::StudySnapshot& study, const std::string& wanted,
                             Routing::Contrast contrast)
  {
    std::vector<SeriesReading> readings = ReadSourceSeries(triage, study, contrast, wanted);

    if (!wanted.empty() && readings.empty())
    {
      throw Error(ErrorCode::NotFound, "Study " + study.id + " has no image series " + wanted);
    }

    const std::vector<SeriesReading*> candidates = SortCandidates(readings);

    if (candidates.empty())
    {
      throw Error(ErrorCode::Conflict, "There is nothing to lay a mask on: " + ExplainRefusal(readings, contrast));
    }

    return std::move(*candidates.front());
  }

  void RequireReadable(const StudyTriage& triage, const Archive::StudySnapshot& study, const HandChoice& choice)
  {
    const std::vector<Archive::SeriesSnapshot> source = GetSourceSeries(study);
    const auto series = std::find_if(source.begin(), source.end(), [&choice](const Archive::SeriesSnapshot& one)
    { return one.id == choice.seriesId; });

    if (series == source.end())
    {
      throw Error(ErrorCode::NotFound, "Study " + study.id + " has no image series " + choice.seriesId);
    }

    const SeriesReading reading = triage.ReadSeries(*series, study.id, choice);

    if (!reading.decision.accepted)
    {
      throw Error(ErrorCode::Conflict,
                  "This series cannot be read, whoever chooses it; nothing was changed. " + JoinReasons(reading));
    }
  }
}
