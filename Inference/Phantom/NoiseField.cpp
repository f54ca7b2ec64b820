// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/NoiseField.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/RandomSource.h"

#include <cstddef>

namespace H3K27M::Phantom
{
  namespace
  {
    constexpr std::uint32_t period = 32;
    constexpr std::uint64_t stream = 0x6e6f697365;

    struct Axis
    {
      std::uint32_t low;
      std::uint32_t high;
      float weight;
    };

    // Coordinates reach a few hundred units at most; the shift by 64 periods makes truncation round down.
    Axis Split(float coordinate) noexcept
    {
      const float shifted = coordinate + 64.0f * period;
      const auto node = static_cast<std::uint32_t>(shifted);
      const float t = shifted - static_cast<float>(node);
      return {node % period, (node + 1) % period, t * t * (3 - 2 * t)};
    }
  }

  NoiseField::NoiseField(std::uint64_t seed) :
    values_(period * period * period)
  {
    RandomSource random(seed, stream);
    for (float& value : values_)
    {
      value = static_cast<float>(random.Uniform(-1, 1));
    }
  }

  float NoiseField::Evaluate(const Point& point) const noexcept
  {
    const Axis x = Split(point.x);
    const Axis y = Split(point.y);
    const Axis z = Split(point.z);
    const float* const lower = values_.data() + static_cast<std::size_t>(z.low) * period * period;
    const float* const upper = values_.data() + static_cast<std::size_t>(z.high) * period * period;
    const auto plane = [&x, &y](const float* base)
    {
      const float* const front = base + y.low * period;
      const float* const back = base + y.high * period;
      return Mix(Mix(front[x.low], front[x.high], x.weight), Mix(back[x.low], back[x.high], x.weight), y.weight);
    };
    return Mix(plane(lower), plane(upper), z.weight);
  }
}
