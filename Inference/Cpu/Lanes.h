// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <cstring>

// The program runs on any x86-64; functions with these marks are called only where HasLaneInstructions().
#if defined(__x86_64__)
#define H3K27M_LANES_TARGET __attribute__((target("avx2,fma")))
#else
#define H3K27M_LANES_TARGET
#endif

#define H3K27M_LANES_INLINE H3K27M_LANES_TARGET __attribute__((always_inline)) inline

namespace H3K27M::Cpu
{
  constexpr std::int64_t LANES = 8;  // values that are computed together

  // Eight values. A vector of the compiler's, so that one source serves AVX2 and NEON.
  using Lanes = float __attribute__((vector_size(sizeof(float) * LANES)));

  // Whether this processor can compute with them fast (on x86: AVX2 and FMA).
  bool HasLaneInstructions() noexcept;

  H3K27M_LANES_INLINE Lanes Load(const float* source)
  {
    Lanes value;
    std::memcpy(&value, source, sizeof(value));
    return value;
  }

  H3K27M_LANES_INLINE void Store(float* target, Lanes value)
  {
    std::memcpy(target, &value, sizeof(value));
  }
}
