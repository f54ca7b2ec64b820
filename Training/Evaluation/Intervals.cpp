// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/Intervals.h"

#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace H3K27M::Evaluation
{
  namespace
  {
    constexpr double Z_95 = 1.959963984540054;  // two-sided 95 % of the normal distribution
    constexpr std::size_t BOOTSTRAP_SAMPLES = 2000;

    double GetMean(const std::vector<double>& values)
    {
      return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    }

    // Unbiased; 0 for a single value.
    double GetVariance(const std::vector<double>& values)
    {
      if (values.size() < 2)
      {
        return 0;
      }
      const double mean = GetMean(values);
      double sum = 0;
      for (const double value : values)
      {
        sum += (value - mean) * (value - mean);
      }
      return sum / static_cast<double>(values.size() - 1);
    }

    // For each of `scores` the share of `others` that it beats; ties count half.
    std::vector<double> GetPlacements(const std::vector<double>& scores, const std::vector<double>& others)
    {
      std::vector<double> placements;
      for (const double score : scores)
      {
        double wins = 0;
        for (const double other : others)
        {
          wins += score > other ? 1 : score == other ? 0.5 : 0;
        }
        placements.push_back(wins / static_cast<double>(others.size()));
      }
      return placements;
    }

    // Linear interpolation between order statistics; `sorted` ascending.
    double GetQuantile(const std::vector<double>& sorted, double share)
    {
      const double position = share * static_cast<double>(sorted.size() - 1);
      const auto below = static_cast<std::size_t>(position);
      const std::size_t above = std::min(below + 1, sorted.size() - 1);
      return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
    }
  }

  Json::Value Estimate::ToJson() const
  {
    Json::Value json;
    json["value"] = value;
    json["low"] = low;
    json["high"] = high;
    json["confidence"] = 0.95;
    json["method"] = method;
    return json;
  }

  Estimate EstimateAuroc(const std::vector<double>& positives, const std::vector<double>& negatives)
  {
    if (positives.empty() || negatives.empty())
    {
      throw Error(ErrorCode::BadInput, "The area under the ROC curve needs cases of both classes");
    }
    const std::vector<double> ofPositives = GetPlacements(positives, negatives);
    const std::vector<double> ofNegatives = GetPlacements(negatives, positives);
    const double deviation = std::sqrt(GetVariance(ofPositives) / static_cast<double>(positives.size()) +
                                       GetVariance(ofNegatives) / static_cast<double>(negatives.size()));
    Estimate estimate;
    estimate.value = GetMean(ofPositives);
    estimate.low = std::max(0.0, estimate.value - Z_95 * deviation);
    estimate.high = std::min(1.0, estimate.value + Z_95 * deviation);
    estimate.method = deviation > 0 ? "DeLong" : "DeLong (no variance: the classes are completely separated)";
    return estimate;
  }

  Estimate EstimateProportion(std::size_t hits, std::size_t trials)
  {
    if (trials == 0 || hits > trials)
    {
      throw Error(ErrorCode::BadInput, "A proportion needs at least one trial");
    }
    const auto n = static_cast<double>(trials);
    const double p = static_cast<double>(hits) / n;
    const double z2 = Z_95 * Z_95;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = Z_95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    // The bounds touch 0 and 1 exactly there; rounding must not push them inside or out.
    return {p, hits == 0 ? 0 : centre - half, hits == trials ? 1 : centre + half, "Wilson"};
  }

  Estimate EstimateMean(const std::vector<double>& values, std::uint64_t seed)
  {
    if (values.empty())
    {
      throw Error(ErrorCode::BadInput, "A mean needs at least one value");
    }
    Phantom::RandomSource random(seed, 0);
    std::vector<double> means;
    for (std::size_t sample = 0; sample < BOOTSTRAP_SAMPLES; sample++)
    {
      double sum = 0;
      for (std::size_t i = 0; i < values.size(); i++)
      {
        sum += values[random.Index(static_cast<unsigned int>(values.size()))];
      }
      means.push_back(sum / static_cast<double>(values.size()));
    }
    std::sort(means.begin(), means.end());
    return {GetMean(values), GetQuantile(means, 0.025), GetQuantile(means, 0.975), "patient bootstrap, 2000 samples"};
  }
}
