// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>

namespace H3K27M::Phantom
{
  // Signal of each tissue in one volume, relative to 1 = the brightest fluid of an ordinary T2. Drawn wide, so that a
  // network cannot lean on absolute brightness, but in the order that makes an image T2-weighted: fluid above grey
  // above white matter, bone and air dark, fat bright or (fat-saturated) dim.
  struct TissueContrast
  {
    float white = 0;
    float grey = 0;
    float deepGrey = 0;  // basal ganglia and thalamus hold iron: darker than cortex
    float fluid = 0;
    float fat = 0;
    float muscle = 0;
    float bone = 0;
    float marrow = 0;
    float eye = 0;
    float vessel = 0;  // flow void

    static TissueContrast Draw(std::uint64_t seed);
  };
}
