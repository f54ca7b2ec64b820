// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Refusal.h"
#include "Plugin/Volume/SourceSeries.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <variant>
#include <vector>

namespace H3K27M::Volume
{
  struct SliceSpacing
  {
    double stepMm = 0;  // between neighbours that are both there
    std::vector<SliceGap> gaps;
  };

  using SpacingOutcome = std::variant<SliceSpacing, Refusal>;

  // The even step of slices at `positionsMm` along their normal: ascending, no two equal, at least two. `writtenMm` is
  // SpacingBetweenSlices (0018,0088), `thicknessMm` SliceThickness (0018,0050), 0 where absent.
  SpacingOutcome MeasureSpacing(const std::vector<double>& positionsMm, double writtenMm, double thicknessMm,
                                const VolumeLimits& limits);
}
