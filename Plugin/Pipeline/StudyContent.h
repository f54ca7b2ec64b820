// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Results/ResultContext.h"
#include "Plugin/Support/Clock.h"

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // The series of a study that are not our own: what a verdict and a result are made from.
  std::vector<Archive::SeriesSnapshot> GetSourceSeries(const Archive::StudySnapshot& study);

  // Our own results of triage in a study (SEG, saliency, SR; not labels, reference masks or reviews).
  std::vector<Archive::SeriesSnapshot> GetTriageResults(const Archive::StudySnapshot& study);

  // Those of them that stand under these SeriesInstanceUIDs.
  std::vector<Archive::SeriesSnapshot> GetTriageResults(const Archive::StudySnapshot& study,
                                                        const std::set<std::string>& seriesUids);

  // Our own series of one kind in a study: its label reports, its reviews, whoever made them.
  std::vector<Archive::SeriesSnapshot> GetOwnSeries(const Archive::StudySnapshot& study,
                                                    Results::OwnSeriesNumber number);

  // Names the content of a study: equal for equal sets of source instances, whatever the order of arrival and whatever
  // of ours lies beside them. Empty when there is no source instance.
  std::string ComputeFingerprint(const Archive::StudySnapshot& study);

  // The last change of the study's source series: what of ours was stored since does not count. The epoch when the
  // archive does not know.
  std::chrono::system_clock::time_point GetSourceTime(const Archive::StudySnapshot& study);

  // When a study counts as stable: `stableAge` after its last change, which the archive knows to the second.
  // Milliseconds since 1970, as the work store wants it.
  Support::UnixMs GetStableTime(const Archive::StudySnapshot& study, std::chrono::seconds stableAge);
}
