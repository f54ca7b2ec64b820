// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/StudyRouter.h"

#include "Plugin/Routing/DixonImage.h"
#include "Plugin/Routing/EnhancedT1Criteria.h"
#include "Plugin/Support/NumberText.h"

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

    double GetCoverageSteps(const SeriesCandidate& candidate)
    {
      return std::floor(std::min(candidate.coverageMm, WHOLE_HEAD_MM) / COVERAGE_STEP_MM);
    }

    double GetPixelAreaSteps(const SeriesCandidate& candidate)
    {
      return std::round(candidate.pixelAreaMm2 / PIXEL_AREA_STEP_MM2);
    }

    // Smaller is better, component by component. ExplainOrder() tells the same steps in words.
    auto MakeKey(const SeriesCandidate& candidate)
    {
      const double coverage = GetCoverageSteps(candidate);
      const double area = GetPixelAreaSteps(candidate);
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

  std::string StudyRouter::ExplainOrder(const SeriesCandidate& better, const SeriesCandidate& other)
  {
    using Support::ToShortText;
    if (better.isNamedEnhanced != other.isNamedEnhanced)
    {
      return "its description says that the contrast agent was given, of this one a tag alone does";
    }
    if (better.isDixon != other.isDixon)
    {
      return "it is a plain T2, this one an image of a Dixon acquisition";
    }
    if (better.isDerived != other.isDerived)
    {
      return "its images are original, these are derived";
    }
    if (GetCoverageSteps(better) != GetCoverageSteps(other))
    {
      return "it covers more of the head: " + ToShortText(better.coverageMm) + " mm, this one " +
             ToShortText(other.coverageMm) + " mm";
    }
    if (better.missingSlices != other.missingSlices)
    {
      return "it lacks fewer slices: " + std::to_string(better.missingSlices) + ", this one " +
             std::to_string(other.missingSlices);
    }
    if (GetPixelAreaSteps(better) != GetPixelAreaSteps(other))
    {
      return "its pixels are finer: " + ToShortText(better.pixelAreaMm2) + " mm2, in this one " +
             ToShortText(other.pixelAreaMm2) + " mm2";
    }
    if (better.slices != other.slices)
    {
      return "it has more slices: " + std::to_string(better.slices) + ", this one " + std::to_string(other.slices);
    }
    if (better.seriesNumber != other.seriesNumber)
    {
      return std::string("nothing else tells them apart, and its SeriesNumber is the ") +
             (better.isEnhanced ? "higher" : "lower") + " one, or the only one";
    }
    return "nothing tells them apart, and its SeriesInstanceUID comes first";
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
