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

    // No patient is in two of as many pairs as the smaller class has patients: they are independent. Where all of them
    // come out alike, this is the lower exact bound of the share of pairs that do (Clopper and Pearson, 1934).
    double GetLeastShareOfAlike(std::size_t positives, std::size_t negatives)
    {
      return std::pow((1 - CONFIDENCE) / 2, 1 / static_cast<double>(std::min(positives, negatives)));
    }

    constexpr const char* EXACT = "exact binomial bound over as many pairs as the smaller class has patients";

    // No placement of a class differs from another one's: all pairs are won, all lost, or all tied.
    Estimate EstimateWithoutVariance(const Wins& wins)
    {
      const double area = wins.GetArea();
      const double alike = GetLeastShareOfAlike(wins.ofPositives.size(), wins.ofNegatives.size());
      const bool isSeparated = area == 0 || area == 1;
      return {area, area * alike, 1 - (1 - area) * alike,
              std::string(EXACT) + (isSeparated ? " (DeLong has no variance: the classes are completely separated)"
                                                : " (DeLong has no variance: all patients of a class stand alike)")};
    }

    // By how much one model counts a pair higher: 1 where it alone has it right, a half where a tie is in play.
    double ComparePairs(const ScoredPatients& patients, std::size_t positive, std::size_t negative)
    {
      const double distance = patients.GetScores()[positive] - patients.GetScores()[negative];
      return distance > 0 ? 1 : distance < 0 ? 0 : 0.5;
    }

    bool DifferAlikeInAllPairs(const ScoredPatients& first, const ScoredPatients& second, double difference)
    {
      const std::vector<bool>& truth = first.GetTruth();
      for (std::size_t i = 0; i < truth.size(); i++)
      {
        for (std::size_t j = 0; truth[i] && j < truth.size(); j++)
        {
          if (!truth[j] && ComparePairs(first, i, j) - ComparePairs(second, i, j) != difference)
          {
            return false;
          }
        }
      }
      return true;
    }

    // Of pairs that do not differ by `difference`, the difference may be anything from -1 to 1.
    Estimate EstimateDifferenceWithoutVariance(const ScoredPatients& first, const ScoredPatients& second,
                                               double difference)
    {
      const double alike = DifferAlikeInAllPairs(first, second, difference)
                             ? GetLeastShareOfAlike(first.GetPositives(), first.GetNegatives())
                             : 0;
      return {
        difference, std::max(-1.0, difference * alike - (1 - alike)), std::min(1.0, difference * alike + (1 - alike)),
        std::string(EXACT) + " (paired DeLong has no variance: the models differ alike in all patients of a class)"};
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
    const Deviation deviation = GetDeviation(wins);
    if (deviation.isKnown && deviation.value == 0)
    {
      return EstimateWithoutVariance(wins);
    }
    const double half = deviation.isKnown ? Z_95 * deviation.value : 1;
    return {area, std::max(0.0, area - half), std::min(1.0, area + half), "DeLong" + deviation.remark};
  }

  Estimate EstimateAurocByLogit(const ScoredPatients& patients)
  {
    const Wins wins = CountWins(patients);
    const double area = wins.GetArea();
    const Deviation deviation = GetDeviation(wins);
    if (deviation.isKnown && deviation.value == 0)
    {
      return EstimateWithoutVariance(wins);
    }
    Estimate estimate = {area, 0, 1, "DeLong on the logit scale" + deviation.remark};
    if (deviation.isKnown)
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
    const Deviation deviation = GetDeviation(wins);
    Comparison comparison;
    if (!deviation.isKnown)
    {
      comparison.difference = {difference, -1, 1, "DeLong, paired" + deviation.remark};
    }
    else if (deviation.value == 0)
    {
      comparison.difference = EstimateDifferenceWithoutVariance(first, second, difference);
      if (difference == 0)
      {
        comparison.pValue = 1;
      }
    }
    else
    {
      const double half = Z_95 * deviation.value;
      comparison.difference = {difference, std::max(-1.0, difference - half), std::min(1.0, difference + half),
                               "DeLong, paired"};
      comparison.statistic = difference / deviation.value;
      comparison.pValue =
        2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(*comparison.statistic)));
    }
    return comparison;
  }
}
