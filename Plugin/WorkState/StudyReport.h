// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <cstddef>
#include <string>

namespace H3K27M::WorkState
{
  // Where a report that a person made of a study stands, and since when it counts: what each of the store's copies of
  // such an SR begins with. The SR in the PACS is what counts.
  struct StudyReport
  {
    std::string studyId;  // Orthanc identifier
    std::string studyInstanceUid;
    std::string seriesId;  // Orthanc identifiers of the SR
    std::string instanceId;
    std::string sopInstanceUid;
    Support::UnixMs recordedAt = 0;

    bool operator==(const StudyReport&) const = default;
  };

  // A page of reports by study identifier.
  struct ReportQuery
  {
    std::string after;         // only studies with a higher identifier; empty: from the first
    std::size_t limit = 1000;  // at most 10000
  };
}
