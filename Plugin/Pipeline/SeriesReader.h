// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/HandChoice.h"
#include "Plugin/Routing/SeriesRouter.h"
#include "Plugin/Routing/StudyRouter.h"
#include "Plugin/Volume/VolumeAssembler.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace H3K27M::Pipeline
{
  class InstanceCache;

  // What was found in one series: the verdict, and, when it was accepted, the volume and how to read its pixels.
  struct SeriesReading
  {
    std::string seriesId;
    std::string seriesInstanceUid;
    Routing::RoutingDecision decision;
    std::string choice;                                  // who chose it by hand and against what; empty: nobody did
    std::optional<Routing::SeriesCandidate> candidate;   // of accepted series
    std::optional<Volume::AssembledVolume> volume;       // of accepted series
    std::map<std::string, Volume::DicomHeader> headers;  // by Orthanc instance, of accepted series

    // Adds what it fails by to what was judged before; it is no candidate any more.
    void Refuse(Routing::RoutingCriterion criterion);

    // Throws Error (Internal) when the series was not accepted.
    const Volume::AssembledVolume& GetVolume() const;
  };

  // Reads a series as far as its verdict needs: nothing of what is no MR, one header for what is refused by physics or
  // words, all headers for the rest. Immutable; any number of threads may share one.
  class SeriesReader
  {
  public:
    SeriesReader(const Routing::RoutingRules& rules, const Volume::VolumeLimits& limits);

    // Throws Error only when the archive fails; bad data are a verdict. Of a series that is refused no file stays in
    // `files`. Of the series that is the `choice` of a person only what is binding counts.
    SeriesReading Read(const Archive::SeriesSnapshot& series, const std::string& studyId, InstanceCache& files,
                       const std::optional<HandChoice>& choice = std::nullopt) const;

  private:
    SeriesReading Examine(const Archive::SeriesSnapshot& series, const std::string& studyId, InstanceCache& files,
                          const std::optional<HandChoice>& choice) const;

    // The verdict on one header, or on a file that cannot be read.
    Routing::RoutingDecision DecideByFirst(const Archive::SeriesSnapshot& series, InstanceCache& files) const;

    // In the order of `series`; or why one of them cannot be read.
    std::variant<std::vector<Volume::DicomHeader>, Volume::Refusal> ReadHeaders(const Archive::SeriesSnapshot& series,
                                                                                InstanceCache& files) const;

    Routing::SeriesRouter router_;
    Volume::VolumeLimits limits_;
  };

  // The readings that can be computed, best first; where a person has chosen one, none but that. They point into
  // `readings`.
  std::vector<SeriesReading*> SortCandidates(std::vector<SeriesReading>& readings);
}
