// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Results/ResultContext.h"

#include <set>
#include <string>

namespace H3K27M::Pipeline
{
  // Puts results into the archive so that a reader sees the old set or the new one, never a report that points at
  // nothing: segmentation first, report last, then the sets of earlier models or contents are removed. Stateless.
  class ResultStore
  {
  public:
    explicit ResultStore(Archive::IArchive& archive) :
      archive_(archive)
    {
    }

    // Returns the Orthanc identifier. Storing what is there already changes nothing.
    std::string Store(const Results::DicomInstance& instance) const;

    // Removes our results of triage whose SeriesInstanceUID is not in `current`. Labels, reference masks and reviews
    // stay. Returns how many series went.
    std::size_t RemoveOutdated(const std::string& studyId, const std::set<std::string>& current) const;

  private:
    Archive::IArchive& archive_;
  };
}
