// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/SliceSpacing.h"

#include "Plugin/Support/NumberText.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace H3K27M::Volume
{
  namespace
  {
    // SpacingBetweenSlices is rounded: from here on it is no mere gap between slices.
    constexpr double TRUSTED_FRACTION = 0.99;

    // Slices interpolated to half their thickness are common, with positions rounded to a tenth of their spacing.
    constexpr double FAR_BELOW_FRACTION = 0.45;

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
      if (thickness > 0 && written >= thickness * TRUSTED_FRACTION)
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
                     "the slices are unevenly spaced: neighbours lie " + Support::PrintNumber(distances.front()) +
                       " to " + Support::PrintNumber(distances.back()) + " mm apart (median " +
                       Support::PrintNumber(distances[distances.size() / 2]) +
                       "), which no gap of whole slices explains (ImagePositionPatient (0020,0032))"};
    }

    // Two stacks of one slab, one shifted against the other, look like one fine stack with many gaps: both tags that
    // describe the acquisition then say that slices cannot lie so close. Without gaps it is one stack, whatever they
    // say.
    bool AreShiftedStacks(const SliceSpacing& spacing, double writtenMm, double thicknessMm)
    {
      return !spacing.gaps.empty() && thicknessMm > 0 && writtenMm >= thicknessMm * TRUSTED_FRACTION &&
             spacing.stepMm < FAR_BELOW_FRACTION * thicknessMm;
    }

    // More gaps than slices are no stack to interpret; every second slice missing still is one.
    std::optional<Refusal> CheckGaps(const SliceSpacing& spacing, std::size_t slices, double writtenMm,
                                     double thicknessMm)
    {
      std::size_t missing = 0;
      for (const SliceGap& gap : spacing.gaps)
      {
        missing += gap.missingSlices;
      }
      if (AreShiftedStacks(spacing, writtenMm, thicknessMm))
      {
        return Refusal{RefusalCode::UnevenSpacing,
                       "the series looks like several stacks shifted against each other: slices lie " +
                         Support::PrintNumber(spacing.stepMm) +
                         " mm apart with gaps between them, while SliceThickness (0018,0050) is " +
                         Support::PrintNumber(thicknessMm) + " mm and SpacingBetweenSlices (0018,0088) " +
                         Support::PrintNumber(writtenMm) + " mm"};
      }
      if (missing > slices)
      {
        return Refusal{RefusalCode::UnevenSpacing, "more slices are missing than present: " + std::to_string(missing) +
                                                     " and " + std::to_string(slices) + ", at a spacing of " +
                                                     Support::PrintNumber(spacing.stepMm) +
                                                     " mm (ImagePositionPatient (0020,0032))"};
      }
      return std::nullopt;
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
        return Refusal{RefusalCode::UnevenSpacing, "a gap of " + Support::PrintNumber(distance) + " mm after slice " +
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
    if (std::optional<Refusal> refusal = CheckGaps(spacing, positionsMm.size(), writtenMm, thicknessMm))
    {
      return *refusal;
    }
    return spacing;
  }
}
