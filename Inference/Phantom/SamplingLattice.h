// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/HeadModel.h"

#include <array>
#include <cstddef>
#include <vector>

namespace H3K27M::Phantom
{
  // What varies smoothly through a head, evaluated once per 8 mm and interpolated between: the way from scanner
  // to atlas coordinates, the depth below the skin, and the coil's bias field. That makes warps free.
  class SamplingLattice
  {
  public:
    struct Sample
    {
      Point atlas;
      float skinDepthMm = 0;
      float bias = 1;
    };

    struct Box
    {
      Point low;  // world, RAS, mm
      Point high;
    };

    SamplingLattice(const HeadModel& head, const NoiseField& noise, std::uint64_t seed, const Box& box);

    // The lattice along one row of pixels, collapsed to one dimension: what every pixel of the row shares.
    class Row
    {
    public:
      // `x`: world, inside the box.
      Sample Interpolate(float x) const noexcept;

    private:
      friend class SamplingLattice;

      float low_ = 0;
      std::vector<std::array<float, 8>> nodes_;
    };

    // `y` and `z` must lie in the box. Fills `row`, so that its memory is used again.
    void Collapse(Row& row, float y, float z) const;

  private:
    std::size_t GetIndex(std::size_t x, std::size_t y, std::size_t z) const noexcept
    {
      return (z * size_[1] + y) * size_[0] + x;
    }

    Point low_;
    std::array<std::size_t, 3> size_{};
    std::vector<std::array<float, 8>> nodes_;  // atlas x, y, z, skin depth, bias; padded for the vector unit
  };
}
