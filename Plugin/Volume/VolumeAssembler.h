// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/SourceSeries.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <string>
#include <variant>
#include <vector>

namespace H3K27M::Volume
{
  struct AssembledVolume
  {
    SourceSeries series;                // the Orthanc IDs of series and study are the caller's to fill
    std::vector<std::string> warnings;  // to be stated in the result: gaps, a single slice, ...
  };

  using VolumeOutcome = std::variant<AssembledVolume, Refusal>;

  // Orders the planes of one series along their common normal (row x column direction, LPS, lowest first) and checks
  // that they are one volume: same size, orientation and pixel spacing, no position twice, even spacing but for gaps
  // of whole slices, which are listed. Stateless; thread-safe. Throws nothing on bad input (that is a Refusal).
  class VolumeAssembler
  {
  public:
    explicit VolumeAssembler(const VolumeLimits& limits);

    // `headers` in any order; the result depends on their content alone.
    VolumeOutcome Assemble(std::vector<DicomHeader> headers) const;

  private:
    VolumeLimits limits_;
  };
}
