// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/DeLong.h"

#include "Training/Statistics/Ranks.h"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace H3K27M::Statistics
{
  namespace
  {
    // How many of the other class each patient beats, ties half. Multiples of 0.5, so sums and differences are exact.
    struct Wins
    {
      std::vector<double> ofPositives;
      std::vector<double> ofNegatives;

      double CountPairs() const
      {
        return static_cast<double>(ofPositives.size()) * static_cast<double>(ofNegatives.size());
      }

      double GetArea() const
      {
        return std::accumulate(ofPositives.begin(), ofPositives.end(), 0.0) / CountPairs();
      }
    };

    Wins CountWins(const ScoredPatients& patients)
    {
      patients.RequireBothClasses("The area under the ROC curve");
      const std::vector<double> ranks = ComputeMidranks(patients.GetScores());
      const std::vector<double> amongPositives = ComputeMidranks(patients.GetScoresOf(true));
      const std::vector<double> amongNegatives = ComputeMidranks(patients.GetScoresOf(false));
      Wins wins;
      for (std::size_t i = 0; i < ranks.size(); i++)
      {
        if (patients.GetTruth()[i])
        {
          wins.ofPositives.push_back(ranks[i] - amongPositives[wins.ofPositives.size()]);
        }
        else
        {
          wins.ofNegatives.push_back(ranks[i] - amongNegatives[wins.ofNegatives.size()]);
        }
      }
      return wins;
    }

    Wins Subtract(const Wins& first, const Wins& second)
    {
      Wins result = first;
      std::transform(first.ofPositives.begin(), first.ofPositives.end(), second.ofPositives.begin(),
                     result.ofPositives.begin(), std::minus<>());
      std::transform(first.ofNegatives.begin(), first.ofNegatives.end(), second.ofNegatives.begin(),
                     result.ofNegatives.begin(), std::minus<>());
      return result;
    }

    // Unbiased; exactly 0 when all values are equal, where rounding of the mean could say otherwise.
    double GetVariance(const std::vector<double>& values)
    {
      const auto [least, most] = std::minmax_element(values.begin(), values.end());
      if (*least == *most)
      {
        return 0;
      }
      const auto count = static_cast<double>(values.size());
      const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
      double sum = 0;
      for (const double value : values)
      {
        sum += (value - mean) * (value - mean);
      }
      return sum / (count - 1);
    }

    struct Deviation
    {
      bool isKnown = false;
      double value = 0;
      std::string remark;  // why there is no variance
    };

    Deviation GetDeviation(const Wins& wins)
    {
      const auto positives = static_cast<double>(wins.ofPositives.size());
      const auto negatives = static_cast<double>(wins.ofNegatives.size());
      if (positives < 2 || negatives < 2)
      {
        return {false, 0, " (no variance: one patient of a class)"};
      }
      const double variance = GetVariance(wins.ofPositives) / (negatives * negatives) / positives +
                              GetVariance(wins.ofNegatives) / (positives * positives) / negatives;
      return {true, std::sqrt(variance), ""};
    }

    Deviation GetDeviationOfArea(const Wins& wins)
    {
      Deviation deviation = GetDeviation(wins);
      if (deviation.isKnown && deviation.value == 0)
      {
        const double area = wins.GetArea();
        deviation.remark = area == 0 || area == 1 ? " (no variance: the classes are completely separated)"
                                                  : " (no variance: all patients of a class stand alike)";
      }
      return deviation;
    }
  }

  double ComputeAuroc(const ScoredPatients& patients)
  {
    return CountWins(patients).GetArea();
  }

  Estimate EstimateAuroc(const ScoredPatients& patients)
  {
    const Wins wins = CountWins(patients);
    const double area = wins.GetArea();
    const Deviation deviation = GetDeviationOfArea(wins);
    const double half = deviation.isKnown ? Z_95 * deviation.value : 1;
    return {area, std::max(0.0, area - half), std::min(1.0, area + half), "DeLong" + deviation.remark};
  }

  Estimate EstimateAurocByLogit(const ScoredPatients& patients)
  {
    const Wins wins = CountWins(patients);
    const double area = wins.GetArea();
    const Deviation deviation = GetDeviationOfArea(wins);
    Estimate estimate = {area, 0, 1, "DeLong on the logit scale" + deviation.remark};
    if (deviation.isKnown && deviation.value == 0)
    {
      estimate.low = area;
      estimate.high = area;
    }
    else if (deviation.isKnown)
    {
      const double logit = std::log(area / (1 - area));
      const double half = Z_95 * deviation.value / (area * (1 - area));
      estimate.low = 1 / (1 + std::exp(-(logit - half)));
      estimate.high = 1 / (1 + std::exp(-(logit + half)));
    }
    return estimate;
  }

  Comparison CompareAuroc(const ScoredPatients& first, const ScoredPatients& second)
  {
    first.RequireSamePatients(second);
    const Wins wins = Subtract(CountWins(first), CountWins(second));
    const double difference = wins.GetArea();
    Deviation deviation = GetDeviation(wins);
    Comparison comparison;
    if (!deviation.isKnown)
    {
      comparison.difference = {difference, -1, 1, ""};
    }
    else if (deviation.value == 0)
    {
      deviation.remark = " (no variance: the models differ alike in all patients of a class)";
      comparison.difference = {difference, difference, difference, ""};
      if (difference == 0)
      {
        comparison.pValue = 1;
      }
    }
    else
    {
      const double half = Z_95 * deviation.value;
      comparison.difference = {difference, std::max(-1.0, difference - half), std::min(1.0, difference + half), ""};
      comparison.statistic = difference / deviation.value;
      comparison.pValue =
        2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(*comparison.statistic)));
    }
    comparison.difference.method = "DeLong, paired" + deviation.remark;
    return comparison;
  }
}
