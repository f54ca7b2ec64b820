// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/IVolumeStatistics.h"
#include "Inference/Preprocess/IntensityRange.h"
#include "Inference/Preprocess/VolumeView.h"

#include <cstddef>
#include <vector>

namespace H3K27M::Preprocess
{
  // Where the head is. One box for all slices, so that the network sees them at one scale.
  struct HeadBox
  {
    bool found = false;   // otherwise the box is the whole image
    double rowBegin = 0;  // native pixels, [begin, end)
    double rowEnd = 0;
    double columnBegin = 0;
    double columnEnd = 0;
    std::vector<bool> inSlice;  // per slice: foreground at least a twentieth of the slice that has most

    // Means of small blocks (so that noise averages out) are split by half of Otsu's threshold; the box holds the
    // foreground but for 0.2 % at each side, plus a margin of 5 mm. Deterministic. `voxels`: the volume's.
    static HeadBox Find(const VolumeView& volume, const IntensityRange& range, const IVolumeStatistics& voxels);
  };
}
