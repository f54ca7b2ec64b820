// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/IVolumeStatistics.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Preprocess
{
  // The values of a volume that become 0 and 1.
  struct IntensityRange
  {
    float low = 0;
    float high = 1;
    std::size_t nonFiniteVoxels = 0;    // NaN or infinite; shown to the network as background
    std::vector<std::string> warnings;  // for the person who reads the result

    // Exact percentiles (nearest rank) of the finite voxels, by two histogram passes over the bit patterns: no copy, no
    // sort, one value of 1e30 does not spoil the rest. Where both percentiles fall on one value (a small bright object
    // on an empty field) the extremes are taken instead, with a warning.
    // Throws Error(BadInput) when all voxels are equal, or more than 1 % are not finite.
    static IntensityRange Measure(std::span<const float> voxels, double lowerPercentile, double upperPercentile);

    // The same wherever the `count` voxels are.
    static IntensityRange Measure(const IVolumeStatistics& voxels, std::size_t count, double lowerPercentile,
                                  double upperPercentile);
  };
}
