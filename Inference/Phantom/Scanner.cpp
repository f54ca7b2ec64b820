// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/Scanner.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/RandomSource.h"

#include <cmath>

namespace H3K27M::Phantom
{
  namespace
  {
    constexpr float maximumVoxel = 4095;
  }

  Scanner::Scanner(std::uint64_t seed, std::size_t rows, std::size_t columns) :
    seed_(seed),
    rows_(rows),
    columns_(columns),
    scratch_(columns)
  {
    RandomSource random(seed, 0x7363616e);
    blur_ = static_cast<float>(random.Uniform(0, 0.24));
    // Signal-to-noise ratios of fluid from 200 down to about 15.
    const double noisy = random.Uniform();
    noise_ = static_cast<float>(0.005 + 0.06 * noisy * noisy);
    gain_ = static_cast<float>(random.Uniform(250, 2200));
    unevenness_ = static_cast<float>(random.Uniform(0, 0.06));
    echoTimeMs_ = 80 + random.Index(41);
    repetitionTimeMs_ = 3000 + 50 * random.Index(71);
  }

  void Scanner::Blur(std::span<float> slice)
  {
    const float centre = 1 - 2 * blur_;
    for (std::size_t row = 0; row < rows_; row++)
    {
      float* const line = slice.data() + row * columns_;
      float previous = line[0];
      for (std::size_t column = 0; column + 1 < columns_; column++)
      {
        const float current = line[column];
        line[column] = centre * current + blur_ * (previous + line[column + 1]);
        previous = current;
      }
    }
    scratch_.assign(slice.begin(), slice.begin() + static_cast<std::ptrdiff_t>(columns_));
    for (std::size_t row = 0; row + 1 < rows_; row++)
    {
      float* const line = slice.data() + row * columns_;
      const float* const next = line + columns_;
      for (std::size_t column = 0; column < columns_; column++)
      {
        const float current = line[column];
        line[column] = centre * current + blur_ * (scratch_[column] + next[column]);
        scratch_[column] = current;
      }
    }
  }

  void Scanner::Acquire(std::span<float> slice, std::span<std::uint16_t> voxels, std::size_t index)
  {
    Blur(slice);
    RandomSource random(seed_, 0x6e6f697365 + (static_cast<std::uint64_t>(index + 1) << 40));
    const float gain = gain_ * (1 + unevenness_ * static_cast<float>(random.Uniform(-1, 1)));
    for (std::size_t i = 0; i < slice.size(); i++)
    {
      const auto noise = random.NoisePair();
      const float real = slice[i] + noise_ * noise[0];
      const float imaginary = noise_ * noise[1];
      const float magnitude = std::sqrt(real * real + imaginary * imaginary);
      voxels[i] = static_cast<std::uint16_t>(Clamp(gain * magnitude + 0.5f, 0, maximumVoxel));
    }
  }
}
