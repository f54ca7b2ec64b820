// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace H3K27M::Phantom
{
  // What the machine does to a painted slice: limited in-plane resolution, Rician noise, and 12-bit numbers of
  // arbitrary scale. Drawn from a seed. For one thread: it has scratch memory.
  class Scanner
  {
  public:
    Scanner(std::uint64_t seed, std::size_t rows, std::size_t columns);

    // `slice`: [row, column] signal, overwritten; `voxels`: [row, column] of slice `index`.
    void Acquire(std::span<float> slice, std::span<std::uint16_t> voxels, std::size_t index);

    double GetEchoTimeMs() const noexcept
    {
      return echoTimeMs_;
    }

    double GetRepetitionTimeMs() const noexcept
    {
      return repetitionTimeMs_;
    }

  private:
    void Blur(std::span<float> slice);

    std::uint64_t seed_;
    std::size_t rows_;
    std::size_t columns_;
    std::vector<float> scratch_;  // one row
    float blur_ = 0;              // weight of each neighbour, per axis
    float noise_ = 0;             // deviation per channel, in units of the signal
    float gain_ = 0;              // numbers per unit of signal
    float unevenness_ = 0;        // slices of interleaved acquisitions differ in brightness by this share
    double echoTimeMs_ = 0;
    double repetitionTimeMs_ = 0;
  };
}
