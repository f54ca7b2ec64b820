// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/SeriesResult.h"

#include <set>
#include <span>
#include <string>

namespace H3K27M::Pipeline
{
  // Puts results into the archive so that a reader sees the old set or the new one, never a report that points at
  // nothing: segmentation and saliency first, report last, then the sets of earlier models or contents are removed.
  // Stateless.
  class ResultStore
  {
  public:
    explicit ResultStore(Archive::IArchive& archive) :
      archive_(archive)
    {
    }

    // Stores what does not stand yet, and notes the Orthanc identifiers in each result's JSON. Storing what is there
    // already changes nothing. When the archive does not want one of them, none stays.
    void Store(const std::string& studyId, std::span<SeriesResult> results) const;

    // Removes those of `results` whose source is no longer in the study: storing into a study that was deleted
    // meanwhile brings it back. Returns how many series went.
    std::size_t RemoveOrphans(const std::string& studyId, std::span<const SeriesResult> results) const;

    // Removes our results of triage whose SeriesInstanceUID is not in `current`. Labels, reference masks and reviews
    // stay. Returns how many series went.
    std::size_t RemoveOutdated(const std::string& studyId, const std::set<std::string>& current) const;

  private:
    void Store(SeriesResult& result) const;
    std::size_t Remove(const Archive::StudySnapshot& study, const std::set<std::string>& seriesUids) const;

    Archive::IArchive& archive_;
  };
}
