// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/CurveBands.h"

#include "Training/Statistics/PatientBootstrap.h"

#include <numeric>

namespace H3K27M::Statistics
{
  namespace
  {
    constexpr std::size_t PARTS = 100;  // of the way from 0 to 1

    // How many of either class are called positive when all down to one score are.
    struct CallCount
    {
      std::size_t hits = 0;
      std::size_t alarms = 0;
    };

    // Sorted once, not anew for each sample.
    class Ranking
    {
    public:
      explicit Ranking(const ScoredPatients& patients) :
        isPositive_(patients.GetTruth()),
        order_(patients.GetDescendingOrder())
      {
        const std::vector<double>& scores = patients.GetScores();
        isLastOfTie_.reserve(order_.size());
        for (std::size_t i = 0; i < order_.size(); i++)
        {
          isLastOfTie_.push_back(i + 1 == order_.size() || scores[order_[i + 1]] < scores[order_[i]]);
        }
      }

      // From nobody to everybody, one count for each score among the patients drawn.
      std::vector<CallCount> CountCalls(const std::vector<std::size_t>& sample) const
      {
        std::vector<std::size_t> times(order_.size());
        for (const std::size_t patient : sample)
        {
          times[patient]++;
        }
        std::vector<CallCount> counts(1);
        CallCount count;
        std::size_t called = 0;
        for (std::size_t i = 0; i < order_.size(); i++)
        {
          (isPositive_[order_[i]] ? count.hits : count.alarms) += times[order_[i]];
          if (isLastOfTie_[i] && count.hits + count.alarms > called)
          {
            called = count.hits + count.alarms;
            counts.push_back(count);
          }
        }
        return counts;
      }

    private:
      std::vector<bool> isPositive_;
      std::vector<std::size_t> order_;
      std::vector<bool> isLastOfTie_;
    };

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
        values.push_back(static_cast<double>(counts[at].hits) /
                         static_cast<double>(counts[at].hits + counts[at].alarms));
      }
    }

    // As PrecisionRecallCurve has it, to the bit.
    double GetAveragePrecision(const std::vector<CallCount>& counts)
    {
      double sum = 0;
      for (std::size_t i = 1; i < counts.size(); i++)
      {
        const double precision =
          static_cast<double>(counts[i].hits) / static_cast<double>(counts[i].hits + counts[i].alarms);
        sum += static_cast<double>(counts[i].hits - counts[i - 1].hits) * precision;
      }
      return sum / static_cast<double>(counts.back().hits);
    }

    // Sensitivity at all places, then precision, then the average precision.
    std::vector<double> ComputeHeights(const Ranking& ranking, const std::vector<std::size_t>& sample)
    {
      const std::vector<CallCount> counts = ranking.CountCalls(sample);
      std::vector<double> values;
      values.reserve(2 * (PARTS + 1) + 1);
      AppendSensitivity(counts, values);
      AppendPrecision(counts, values);
      values.push_back(GetAveragePrecision(counts));
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
    const Ranking ranking(patients);
    std::vector<std::size_t> everyone(patients.GetCount());
    std::iota(everyone.begin(), everyone.end(), std::size_t{0});
    const std::vector<Estimate> estimates =
      PatientBootstrap::WithinClasses(patients, seed)
        .EstimateIntervals(ComputeHeights(ranking, everyone), [&ranking](const std::vector<std::size_t>& sample)
    { return ComputeHeights(ranking, sample); });
    const auto middle = estimates.begin() + static_cast<std::ptrdiff_t>(PARTS + 1);
    CurveBands bands;
    bands.sensitivity.assign(estimates.begin(), middle);
    bands.precision.assign(middle, estimates.end() - 1);
    bands.averagePrecision = estimates.back();
    return bands;
  }
}
