// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

// Small exact-arithmetic functions that painting uses everywhere; nothing of libm but the square root, which IEEE 754
// defines to the last bit.
namespace H3K27M::Phantom
{
  inline float Mix(float a, float b, float weight) noexcept
  {
    return a + (b - a) * weight;
  }

  inline float Clamp(float value, float low, float high) noexcept
  {
    return value < low ? low : (value > high ? high : value);
  }

  // 0 below `low`, 1 above `high`, a cubic between.
  inline float Step(float low, float high, float value) noexcept
  {
    const float t = Clamp((value - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
  }
}
