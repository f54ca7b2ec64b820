// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/VolumeView.h"

#include <cstddef>
#include <vector>

namespace H3K27M::Preprocess
{
  // A head of two grey values and an elliptic outline in mm (150 x 190 where it fits), on a faintly noisy background.
  struct SyntheticVolume
  {
    SyntheticVolume(std::size_t slices, std::size_t rows, std::size_t columns, double rowSpacingMm,
                    double columnSpacingMm);

    float& At(std::size_t slice, std::size_t row, std::size_t column);

    VolumeView GetView() const;

    std::vector<float> voxels;
    VolumeView geometry;
  };
}
