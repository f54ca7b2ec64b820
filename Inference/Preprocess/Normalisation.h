// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/Axes.h"
#include "Inference/Preprocess/GridArithmetic.h"

namespace H3K27M::Preprocess
{
  // From 0..1 to what the network expects (paper, section 2.4). One multiplication, the same on CPU and GPU.
  H3K27M_HOST_DEVICE inline float Normalise(float unit)
  {
    constexpr auto MEAN = static_cast<float>(Network::INTENSITY_MEAN);
    constexpr auto INVERSE = static_cast<float>(1 / Network::INTENSITY_DEVIATION);
    return (unit - MEAN) * INVERSE;
  }
}
