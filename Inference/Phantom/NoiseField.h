// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace H3K27M::Phantom
{
  struct Point
  {
    float x = 0;
    float y = 0;
    float z = 0;
  };

  // Smooth value noise in three dimensions: a periodic lattice of 32^3 uniform values, blended with cubic weights.
  // What sulci, textures, warps and bias fields are drawn from. Immutable, so threads may share one.
  class NoiseField
  {
  public:
    explicit NoiseField(std::uint64_t seed);

    // -1..1, mean 0, deviation about 0.35; the lattice has one node per unit, so wavelengths are about two units.
    float Evaluate(const Point& point) const noexcept;

  private:
    std::vector<float> values_;
  };
}
