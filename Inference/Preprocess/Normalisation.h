// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/GridArithmetic.h"

namespace H3K27M::Preprocess
{
  // x_network = (x - mean) / deviation with x in 0..1 (paper, section 2.4).
  constexpr double INTENSITY_MEAN = 0.154;
  constexpr double INTENSITY_DEVIATION = 0.202;

  // From 0..1 to what the network expects. One multiplication, the same on CPU and GPU.
  H3K27M_HOST_DEVICE inline float Normalise(float unit)
  {
    constexpr auto MEAN = static_cast<float>(INTENSITY_MEAN);
    constexpr auto INVERSE = static_cast<float>(1 / INTENSITY_DEVIATION);
    return (unit - MEAN) * INVERSE;
  }
}
