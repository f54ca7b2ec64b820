// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Review
{
  // How the values of a series, which the network gets as they are, fit into the 16 bits in which the dashboard gets
  // them: value = scale * number + offset, the same for the whole stack, so that one window holds for it.
  class VoxelScale
  {
  public:
    // 1 and 0 where all possible values are integers of 16 bits; also for pixels of more than 16 bits, which are
    // clipped, because what they may hold says nothing of what they hold. Else as fine as 16 bits allow.
    explicit VoxelScale(const Volume::SourceSeries& series);

    double GetScale() const noexcept
    {
      return scale_;
    }

    double GetOffset() const noexcept
    {
      return offset_;
    }

    // The nearest number, clipped.
    std::int16_t ToNumber(double value) const noexcept;

  private:
    double scale_ = 1;
    double offset_ = 0;
  };
}
