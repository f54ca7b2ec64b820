// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ResultContext.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class DcmDataset;

namespace H3K27M::Results
{
  class ContentItem;
  class SourceAttributes;

  // What a document refers to within its study: series UID -> (SOP class, SOP instance) in the order of adding.
  using Evidence = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

  // Who answers for a document, and since when: (0040,A073).
  struct Verification
  {
    std::string personName;
    std::string organisation;  // LO: at most 64 characters
    std::string dateTime;      // DT
  };

  // What surrounds the content tree of an SR document (modules SR Document Series and General, PS3.3 C.17.1, C.17.2).
  struct SrDocument
  {
    std::string sopClassUid;
    std::string sopInstanceUid;
    std::string studyInstanceUid;
    SeriesDescription series;
    OwnEquipment equipment;
    std::string deviceUid;   // of the observer device; empty when a person is the author
    std::string personName;  // of the author where no device is
    Evidence evidence;
    Evidence predecessors;                     // earlier documents that this one goes on from
    std::optional<Verification> verification;  // VERIFIED where there is one, else UNVERIFIED
  };

  // COMPLETE. Returned as a dataset, so that a caller can add modules of its own before MakeInstance().
  std::unique_ptr<DcmDataset> WriteSrDocument(const SrDocument& document, const SourceAttributes& source,
                                              const ContentItem& root, const ContentDateTime& made);
}
