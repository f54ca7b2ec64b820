// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/SliceSpacing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace H3K27M::Volume
{
  namespace
  {
    std::string Number(double value)
    {
      char text[32];
      std::snprintf(text, sizeof(text), "%.6g", value);
      return text;
    }

    std::vector<double> SortDistances(const std::vector<double>& positions)
    {
      std::vector<double> distances;
      for (std::size_t i = 1; i < positions.size(); ++i)
      {
        distances.push_back(positions[i] - positions[i - 1]);
      }
      std::sort(distances.begin(), distances.end());
      return distances;
    }

    // The smallest regular step between neighbours. SpacingBetweenSlices is believed where it cannot be the mere gap
    // between slices, which some old scanners write: then it also shows when every second slice is away.
    double EstimateStep(const std::vector<double>& distances, double written, double thickness, double tolerance)
    {
      if (thickness > 0 && written >= thickness * 0.99)
      {
        const bool isMultiple = std::all_of(distances.begin(), distances.end(), [&](double distance)
        {
          const double steps = std::round(distance / written);
          return steps >= 1 && std::abs(distance - steps * written) <= tolerance * written;
        });
        if (isMultiple)
        {
          return written;
        }
      }
      const auto end = std::find_if(distances.begin(), distances.end(),
                                    [&](double distance) { return distance > 1.5 * distances.front(); });
      return distances[static_cast<std::size_t>(end - distances.begin()) / 2];
    }

    Refusal DescribeUnevenness(const std::vector<double>& distances)
    {
      return Refusal{RefusalCode::UnevenSpacing,
                     "the slices are unevenly spaced: neighbours lie " + Number(distances.front()) + " to " +
                       Number(distances.back()) + " mm apart (median " + Number(distances[distances.size() / 2]) +
                       "), which no gap of whole slices explains (ImagePositionPatient (0020,0032))"};
    }
  }

  SpacingOutcome MeasureSpacing(const std::vector<double>& positionsMm, double writtenMm, double thicknessMm,
                                const VolumeLimits& limits)
  {
    const std::vector<double> distances = SortDistances(positionsMm);
    const double tolerance = limits.spacingToleranceFraction;
    const double step = EstimateStep(distances, writtenMm, thicknessMm, tolerance);
    SliceSpacing spacing;
    double steps = 0;
    for (std::size_t i = 1; i < positionsMm.size(); ++i)
    {
      const double distance = positionsMm[i] - positionsMm[i - 1];
      const double multiple = std::round(distance / step);
      if (multiple < 1 || std::abs(distance - multiple * step) > tolerance * step)
      {
        return DescribeUnevenness(distances);
      }
      if (multiple > limits.maxSlices)
      {
        return Refusal{RefusalCode::UnevenSpacing, "a gap of " + Number(distance) + " mm after slice " +
                                                     std::to_string(i) + " is larger than any series"};
      }
      if (multiple > 1)
      {
        spacing.gaps.push_back(SliceGap{i - 1, static_cast<unsigned>(multiple) - 1});
      }
      steps += multiple;
    }
    // The mean over the whole stack: single positions are rounded, their differences twice. 1e-5 mm is far below what
    // a position means, and keeps 2.5 from being written as 2.4999999999997.
    spacing.stepMm = std::round((positionsMm.back() - positionsMm.front()) / steps * 1e5) / 1e5;
    return spacing;
  }
}
