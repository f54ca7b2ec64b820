// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <string>
#include <string_view>

namespace H3K27M::Masks
{
  // A mask from one structure of an RT Structure Set: its closed planar contours, each on the plane of a slice, filled
  // by the even-odd rule (ContourRaster.h), so that holes may be keyholes or contours of their own. `roi` is the
  // structure's ROIName; empty takes the only one. The frame of reference, the series, the instance that each contour
  // names, and the plane it lies on must be the series' own. Throws Error(BadInput) with every fault.
  Results::MaskVolume ReadRtStructMask(std::string_view file, const Volume::SourceSeries& series,
                                       const std::string& roi, const Volume::VolumeLimits& limits);
}
