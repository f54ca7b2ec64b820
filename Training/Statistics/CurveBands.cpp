// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/CurveBands.h"

#include "Training/Statistics/CallCounts.h"
#include "Training/Statistics/PatientBootstrap.h"

namespace H3K27M::Statistics
{
  namespace
  {
    constexpr std::size_t PARTS = 100;  // of the way from 0 to 1

    void AppendSensitivity(const std::vector<CallCount>& counts, std::vector<double>& values)
    {
      const CallCount& all = counts.back();
      std::size_t at = 0;
      for (std::size_t place = 0; place <= PARTS; place++)
      {
        // Compared as whole numbers: no rounding decides which point is reached.
        while (at + 1 < counts.size() && counts[at + 1].alarms * PARTS <= place * all.alarms)
        {
          at++;
        }
        auto hits = static_cast<double>(counts[at].hits);
        if (at + 1 < counts.size())
        {
          const auto passed = static_cast<double>(place * all.alarms - counts[at].alarms * PARTS);
          const auto whole = static_cast<double>((counts[at + 1].alarms - counts[at].alarms) * PARTS);
          hits += passed / whole * static_cast<double>(counts[at + 1].hits - counts[at].hits);
        }
        values.push_back(hits / static_cast<double>(all.hits));
      }
    }

    void AppendPrecision(const std::vector<CallCount>& counts, std::vector<double>& values)
    {
      const CallCount& all = counts.back();
      std::size_t at = 1;
      for (std::size_t place = 0; place <= PARTS; place++)
      {
        while (at + 1 < counts.size() && counts[at].hits * PARTS < place * all.hits)
        {
          at++;
        }
        values.push_back(counts[at].GetPrecision());
      }
    }

    // Sensitivity at all places, then precision, then the average precision.
    std::vector<double> ComputeHeights(const std::vector<CallCount>& counts)
    {
      std::vector<double> values;
      values.reserve(2 * (PARTS + 1) + 1);
      AppendSensitivity(counts, values);
      AppendPrecision(counts, values);
      values.push_back(ComputeAveragePrecision(counts));
      return values;
    }
  }

  std::vector<double> CurveBands::GetPlaces()
  {
    std::vector<double> places;
    places.reserve(PARTS + 1);
    for (std::size_t place = 0; place <= PARTS; place++)
    {
      places.push_back(static_cast<double>(place) / static_cast<double>(PARTS));
    }
    return places;
  }

  CurveBands CurveBands::FromPatients(const ScoredPatients& patients, std::uint64_t seed)
  {
    patients.RequireBothClasses("The band of a curve");
    const CallRanking ranking(patients);
    const std::vector<Estimate> estimates =
      PatientBootstrap::WithinClasses(patients, seed)
        .EstimateIntervals(ComputeHeights(ranking.CountCalls()), [&ranking](const std::vector<std::size_t>& sample)
    { return ComputeHeights(ranking.CountCalls(sample)); });
    const auto middle = estimates.begin() + static_cast<std::ptrdiff_t>(PARTS + 1);
    CurveBands bands;
    bands.sensitivity.assign(estimates.begin(), middle);
    bands.precision.assign(middle, estimates.end() - 1);
    bands.averagePrecision = estimates.back();
    return bands;
  }
}
