// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/GridArithmetic.h"

#include <cstdint>

// Bit patterns of float32 as numbers in the order of their values, for counting them; see GridArithmetic.h.
namespace H3K27M::Preprocess
{
  constexpr std::uint32_t FLOAT_SIGN = 0x80000000U;
  constexpr std::uint32_t FLOAT_EXPONENT = 0x7F800000U;

  H3K27M_HOST_DEVICE inline std::uint32_t ToOrder(std::uint32_t bits)
  {
    return (bits & FLOAT_SIGN) != 0 ? ~bits : bits | FLOAT_SIGN;
  }

  H3K27M_HOST_DEVICE inline std::uint32_t FromOrder(std::uint32_t ordered)
  {
    return (ordered & FLOAT_SIGN) != 0 ? ordered & ~FLOAT_SIGN : ~ordered;
  }

  H3K27M_HOST_DEVICE inline bool IsFinite(std::uint32_t bits)
  {
    return (bits & FLOAT_EXPONENT) != FLOAT_EXPONENT;
  }
}
