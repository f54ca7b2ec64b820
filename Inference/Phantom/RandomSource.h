// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstdint>

namespace H3K27M::Phantom
{
  // The generator xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64, with distributions of our own: those
  // of the standard library differ between implementations, and a phantom must be equal to the byte everywhere.
  class RandomSource
  {
  public:
    // `stream` separates what is drawn for pose, contrast, tumour, noise...: a change in one leaves the others alone.
    RandomSource(std::uint64_t seed, std::uint64_t stream);

    std::uint64_t Next() noexcept;

    // 0 <= value < 1, 53 bits.
    double Uniform() noexcept;

    double Uniform(double low, double high) noexcept;

    bool Chance(double probability) noexcept;

    // Below `count`, which must not be 0.
    unsigned int Index(unsigned int count) noexcept;

    // Mean 0, deviation 1, within +-6: the sum of twelve uniform values.
    double Gaussian() noexcept;

    // Two nearly normal values (deviation 1, within +-3.46) from one draw, each the sum of four 8-bit values: what the
    // noise of millions of voxels can afford. The steps are 1/148 of the deviation.
    std::array<float, 2> NoisePair() noexcept;

  private:
    std::array<std::uint64_t, 4> state_;
  };
}
