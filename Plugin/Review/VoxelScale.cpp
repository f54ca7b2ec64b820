// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/VoxelScale.h"

#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>
#include <cmath>

namespace H3K27M::Review
{
  namespace
  {
    constexpr double LEAST = -32768;
    constexpr double MOST = 32767;
  }

  VoxelScale::VoxelScale(const Volume::SourceSeries& series)
  {
    if (series.bitsStored == 0 || series.bitsStored > 16 || series.slices.empty())
    {
      return;
    }

    const double range = std::ldexp(1, series.bitsStored);
    const double firstStored = series.isSigned ? -range / 2 : 0;
    const double lastStored = firstStored + range - 1;
    bool areIntegers = true;
    double least = series.slices.front().rescaleIntercept;
    double most = least;

    for (const Volume::SourceSlice& slice : series.slices)
    {
      areIntegers = areIntegers && slice.rescaleSlope == std::round(slice.rescaleSlope) &&
                    slice.rescaleIntercept == std::round(slice.rescaleIntercept);

      for (const double stored : {firstStored, lastStored})
      {
        const double value = stored * slice.rescaleSlope + slice.rescaleIntercept;
        least = std::min(least, value);
        most = std::max(most, value);
      }
    }

    if ((!areIntegers || least < LEAST || most > MOST) && most > least)
    {
      scale_ = (most - least) / (MOST - LEAST);
      offset_ = least - LEAST * scale_;
    }
  }

  std::int16_t VoxelScale::ToNumber(double value) const noexcept
  {
    return static_cast<std::int16_t>(std::lround(std::clamp((value - offset_) / scale_, LEAST, MOST)));
  }
}
