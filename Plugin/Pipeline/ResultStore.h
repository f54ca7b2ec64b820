// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/SeriesResult.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // Puts results into the archive so that a reader sees the old set or the new one, never a report that points at
  // nothing: segmentation and saliency first, report last, then the sets of earlier models or contents are removed.
  // What a review names (Attestation.h) stays, no longer in force: the case's JSON says which set is. Stateless.
  class ResultStore
  {
  public:
    explicit ResultStore(Archive::IArchive& archive) :
      archive_(archive)
    {
    }

    // Stores what does not stand yet, and notes the Orthanc identifiers in each result's JSON. Storing what is there
    // already changes nothing, but for a result that says that it replaces it: that goes first. `before` is the study
    // as it was: a set whose report stands there is whole, and nothing of it is removed but for what is replaced. When
    // one cannot be stored, no segmentation stays without its report, for this may have been the last attempt; when the
    // archive does not want it, none of the new ones stays.
    void Store(const Archive::StudySnapshot& before, std::span<SeriesResult> results) const;

    // Removes those of `results` whose source is no longer in the study: storing into a study that was deleted
    // meanwhile brings it back. Returns whether there were any.
    bool RemoveOrphans(const std::string& studyId, std::span<const SeriesResult> results) const;

    // Removes our results of triage whose SeriesInstanceUID is not in `current`. Labels, reference masks and reviews
    // stay, and so do the results that a review names. Returns how many series went.
    std::size_t RemoveOutdated(const std::string& studyId, const std::set<std::string>& current) const;

  private:
    // SeriesInstanceUIDs of the sets that were begun, by that of their report.
    using Sets = std::map<std::string, std::vector<std::string>>;

    void Store(SeriesResult& result) const;
    void Withdraw(const std::string& studyId, const Sets& begun, const Error& cause) const;
    void RemoveReplaced(const std::string& studyId, const SeriesResult& result) const;
    std::size_t Remove(const Archive::StudySnapshot& study, const std::set<std::string>& seriesUids) const;

    Archive::IArchive& archive_;
  };
}
