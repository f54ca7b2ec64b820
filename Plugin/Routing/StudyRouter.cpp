// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/StudyRouter.h"

#include "Plugin/Routing/DixonImage.h"
#include "Plugin/Routing/EnhancedT1Criteria.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

namespace H3K27M::Routing
{
  namespace
  {
    constexpr double WHOLE_HEAD_MM = 120;  // more than that is covered by every series of a whole brain
    constexpr double COVERAGE_STEP_MM = 10;
    constexpr double PIXEL_AREA_STEP_MM2 = 0.05;

    // Smaller is better, component by component.
    auto MakeKey(const SeriesCandidate& candidate)
    {
      const double coverage = std::floor(std::min(candidate.coverageMm, WHOLE_HEAD_MM) / COVERAGE_STEP_MM);
      const double area = std::round(candidate.pixelAreaMm2 / PIXEL_AREA_STEP_MM2);
      const std::size_t fewerSlices = std::numeric_limits<std::size_t>::max() - candidate.slices;
      const auto number = std::int64_t{candidate.seriesNumber} * (candidate.isEnhanced ? -1 : 1);
      return std::make_tuple(candidate.isEnhanced && !candidate.isNamedEnhanced, candidate.isDixon, candidate.isDerived,
                             -coverage, candidate.missingSlices, area, fewerSlices, number,
                             candidate.seriesInstanceUid);
    }
  }

  SeriesCandidate SeriesCandidate::From(const SeriesDescriptor& series, const Volume::SourceSeries& volume,
                                        const RoutingRules& rules)
  {
    SeriesCandidate candidate;
    candidate.isEnhanced = rules.contrast == Contrast::CeT1w;
    candidate.isNamedEnhanced = candidate.isEnhanced && SaysContrastAgent(series, rules.words);
    candidate.orthancSeriesId = volume.orthancSeriesId;
    candidate.seriesInstanceUid = volume.seriesInstanceUid;
    const std::vector<std::string>& imageType = series.acquisition.imageType;
    candidate.isDixon = ClassifyDixon(imageType) == DixonImage::WaterOrInPhase;
    candidate.isDerived = !imageType.empty() && imageType.front() == "DERIVED";
    candidate.slices = volume.slices.size();
    for (const Volume::SliceGap& gap : volume.gaps)
    {
      candidate.missingSlices += gap.missingSlices;
    }
    if (!volume.slices.empty())
    {
      candidate.coverageMm = volume.slices.back().positionAlongNormalMm - volume.slices.front().positionAlongNormalMm +
                             volume.sliceSpacingMm;
    }
    candidate.pixelAreaMm2 = volume.pixelSpacingMm[0] * volume.pixelSpacingMm[1];
    // A series without a number comes after those that have one.
    candidate.seriesNumber = series.acquisition.seriesNumber.value_or(
      candidate.isEnhanced ? std::numeric_limits<int>::min() : std::numeric_limits<int>::max());
    return candidate;
  }

  StudyRouter::StudyRouter(CandidatePolicy policy) :
    policy_(policy)
  {
  }

  bool StudyRouter::IsBetter(const SeriesCandidate& a, const SeriesCandidate& b)
  {
    return MakeKey(a) < MakeKey(b);
  }

  std::vector<SeriesCandidate> StudyRouter::Choose(std::vector<SeriesCandidate> accepted) const
  {
    std::sort(accepted.begin(), accepted.end(), IsBetter);
    if (policy_ == CandidatePolicy::Best && accepted.size() > 1)
    {
      accepted.resize(1);
    }
    return accepted;
  }
}
