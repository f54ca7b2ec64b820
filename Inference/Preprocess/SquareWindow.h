// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/GridArithmetic.h"
#include "Inference/Preprocess/HeadFinder.h"
#include "Inference/Preprocess/VolumeView.h"

#include <cstddef>

namespace H3K27M::Preprocess
{
  // The square in the image plane (square in mm, not in pixels) that is shown to the network; it may reach beyond the
  // image, where zeros are shown. The same for all slices of a volume.
  struct SquareWindow
  {
    AxisMap row;
    AxisMap column;
    double sideMm = 0;

    // The smallest square round the head's box, on the same centre.
    static SquareWindow AroundHead(const VolumeView& volume, const HeadBox& head, std::size_t inputSize);

    // The largest square inside the image, on its centre.
    static SquareWindow Centred(const VolumeView& volume, std::size_t inputSize);
  };
}
