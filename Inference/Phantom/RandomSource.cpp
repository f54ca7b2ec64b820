// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/RandomSource.h"

#include <bit>

namespace H3K27M::Phantom
{
  namespace
  {
    std::uint64_t SplitMix(std::uint64_t& state) noexcept
    {
      state += 0x9e3779b97f4a7c15ULL;
      std::uint64_t z = state;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
      return z ^ (z >> 31);
    }
  }

  RandomSource::RandomSource(std::uint64_t seed, std::uint64_t stream)
  {
    std::uint64_t state = seed;
    state = SplitMix(state) ^ (stream * 0xd1342543de82ef95ULL);
    for (auto& word : state_)
    {
      word = SplitMix(state);
    }
  }

  std::uint64_t RandomSource::Next() noexcept
  {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  double RandomSource::Uniform() noexcept
  {
    return static_cast<double>(Next() >> 11) * 0x1.0p-53;
  }

  double RandomSource::Uniform(double low, double high) noexcept
  {
    return low + (high - low) * Uniform();
  }

  bool RandomSource::Chance(double probability) noexcept
  {
    return Uniform() < probability;
  }

  unsigned int RandomSource::Index(unsigned int count) noexcept
  {
    return static_cast<unsigned int>(Next() % count);
  }

  double RandomSource::Gaussian() noexcept
  {
    double sum = -6;
    for (int i = 0; i < 12; i++)
    {
      sum += Uniform();
    }
    return sum;
  }

  std::array<float, 2> RandomSource::NoisePair() noexcept
  {
    // A sum of four values of 0..255 has mean 510 and deviation 2 * sqrt((256^2 - 1) / 12) = 147.8.
    constexpr std::uint64_t everySecondByte = 0x00ff00ff00ff00ffULL;
    const std::uint64_t bits = Next();
    std::array<float, 2> pair{};
    for (unsigned int i = 0; i < 2; i++)
    {
      // Multiplying by ones in each 16-bit lane adds the four lanes up in the highest one.
      const std::uint64_t lanes = (bits >> (8 * i)) & everySecondByte;
      const auto sum = static_cast<std::int32_t>((lanes * 0x0001000100010001ULL) >> 48);
      pair[i] = static_cast<float>(sum - 510) * (1.0f / 147.8f);
    }
    return pair;
  }
}
