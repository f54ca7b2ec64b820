// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/NiftiFacts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace H3K27M::Protocol
{
  namespace
  {
    template <typename T>
    double ReadVoxelAs(const char* bytes, bool isSwapped)
    {
      std::array<char, sizeof(T)> raw;
      std::copy_n(bytes, raw.size(), raw.begin());

      if (isSwapped)
      {
        std::reverse(raw.begin(), raw.end());
      }

      return static_cast<double>(std::bit_cast<T>(raw));
    }
  }

  VoxelReader FindVoxelReader(int datatype) noexcept
  {
    switch (datatype)
    {
      case 2:
        return ReadVoxelAs<std::uint8_t>;
      case 4:
        return ReadVoxelAs<std::int16_t>;
      case 8:
        return ReadVoxelAs<std::int32_t>;
      case 16:
        return ReadVoxelAs<float>;
      case 64:
        return ReadVoxelAs<double>;
      case 256:
        return ReadVoxelAs<std::int8_t>;
      case 512:
        return ReadVoxelAs<std::uint16_t>;
      case 768:
        return ReadVoxelAs<std::uint32_t>;
      case 1024:
        return ReadVoxelAs<std::int64_t>;
      case 1280:
        return ReadVoxelAs<std::uint64_t>;
      default:
        return nullptr;
    }
  }

  double GetMillimetres(int units) noexcept
  {
    constexpr int METRE = 1;
    constexpr int MICROMETRE = 3;
    return units == METRE ? 1000 : units == MICROMETRE ? 0.001 : 1;
  }

  VoxelScale MakeVoxelScale(float slope, float intercept) noexcept
  {
    if (slope == 0 || !std::isfinite(slope))
    {
      return {};
    }

    return {static_cast<double>(slope), std::isfinite(intercept) ? static_cast<double>(intercept) : 0};
  }
}
