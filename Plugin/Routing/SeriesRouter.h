// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"
#include "Plugin/Volume/VolumeAssembler.h"

namespace H3K27M::Routing
{
  // Decides whether a series is axial T2-weighted brain MR: by geometry, then by physics, and only then by words
  // (a missing description speaks neither for nor against). Immutable and thread-safe; no I/O.
  class SeriesRouter
  {
  public:
    explicit SeriesRouter(RoutingRules rules);

    // First stage, from one header or more: modality, orientation, physics, words. Cheap; what it refuses needs no
    // further reading.
    RoutingDecision Decide(const SeriesDescriptor& series) const;

    // Both stages: adds the criterion `volume`, that all planes together make one volume.
    RoutingDecision Decide(const SeriesDescriptor& series, const Volume::VolumeOutcome& volume) const;

    // The same verdict on a series that a person has chosen: only what is binding counts of what failed, because the
    // pixels cannot be read without it or do not show axial slices of tissue.
    static RoutingDecision Overrule(RoutingDecision decision);

    // The verdict on a file that could not even be read.
    static RoutingDecision Unreadable(const Volume::Refusal& refusal);

    const RoutingRules& GetRules() const noexcept
    {
      return rules_;
    }

  private:
    RoutingRules rules_;
  };
}
