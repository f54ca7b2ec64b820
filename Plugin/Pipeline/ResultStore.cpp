// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ResultStore.h"

#include "Plugin/Pipeline/StudyContent.h"

namespace H3K27M::Pipeline
{
  std::string ResultStore::Store(const Results::DicomInstance& instance) const
  {
    return archive_.Store(std::span(instance.bytes));
  }

  std::size_t ResultStore::RemoveOutdated(const std::string& studyId, const std::set<std::string>& current) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
    std::size_t removed = 0;

    if (!study)
    {
      return removed;
    }

    for (const Archive::SeriesSnapshot& series : GetTriageResults(*study))
    {
      if (!current.contains(series.seriesInstanceUid))
      {
        archive_.DeleteSeries(series.id);
        removed++;
      }
    }

    return removed;
  }
}
