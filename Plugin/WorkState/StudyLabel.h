// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <cstddef>
#include <string>

namespace H3K27M::WorkState
{
  // The label in force of one study, as the store keeps it: a copy of the SR in the PACS, which is what counts. Coded
  // fields hold their names in REST; an empty text is a field that is absent.
  struct StudyLabel
  {
    std::string studyId;  // Orthanc identifier
    std::string studyInstanceUid;
    std::string seriesId;  // Orthanc identifiers of the SR
    std::string instanceId;
    std::string sopInstanceUid;

    std::string genotype;
    std::string assay;
    std::string gene;
    std::string site;
    bool preOperative = false;
    std::string split;
    std::string reason;  // of the exclusion
    std::string annotator;
    std::string reviser;

    std::string source;
    bool synthetic = false;
    Support::UnixMs recordedAt = 0;

    bool operator==(const StudyLabel&) const = default;
  };

  // A page of labels by study identifier.
  struct LabelQuery
  {
    std::string after;         // only studies with a higher identifier; empty: from the first
    std::size_t limit = 1000;  // at most 10000
  };
}
