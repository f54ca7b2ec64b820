// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/WelchTest.h"

#include "Inference/Protocol/Error.h"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace H3K27M::Statistics
{
  namespace
  {
    struct Group
    {
      double count = 0;
      double mean = 0;
      double squaredError = 0;  // of the mean: s^2 / n; 0 for a single value
    };

    Group Describe(const std::vector<double>& values)
    {
      if (values.empty() ||
          !std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
      {
        throw Error(ErrorCode::BadInput, "Welch's test needs values in both groups, each a finite number");
      }
      const auto count = static_cast<double>(values.size());
      Group group = {count, std::accumulate(values.begin(), values.end(), 0.0) / count, 0};
      const auto [least, most] = std::minmax_element(values.begin(), values.end());
      if (*least == *most)
      {
        group.mean = *least;  // not what rounding makes of the sum
        return group;
      }
      for (const double value : values)
      {
        group.squaredError += (value - group.mean) * (value - group.mean);
      }
      group.squaredError /= (count - 1) * count;
      return group;
    }
  }

  WelchTest WelchTest::Run(const std::vector<double>& first, const std::vector<double>& second)
  {
    const Group a = Describe(first);
    const Group b = Describe(second);
    WelchTest test;
    Comparison& comparison = test.comparison;
    const double difference = a.mean - b.mean;
    comparison.difference = {difference, difference, difference, "Welch"};
    const double squaredError = a.squaredError + b.squaredError;
    if (a.count < 2 || b.count < 2)
    {
      comparison.difference.method += " (no variance: one value in a group)";
    }
    else if (squaredError == 0)
    {
      comparison.difference.method += " (no variance: all values of each group are equal)";
      comparison.pValue = difference == 0 ? std::optional(1.0) : std::nullopt;
    }
    else
    {
      const double degrees =
        squaredError * squaredError /
        (a.squaredError * a.squaredError / (a.count - 1) + b.squaredError * b.squaredError / (b.count - 1));
      const boost::math::students_t distribution(degrees);
      const double error = std::sqrt(squaredError);
      const double half = error * boost::math::quantile(distribution, (1 + CONFIDENCE) / 2);
      comparison.difference.low = difference - half;
      comparison.difference.high = difference + half;
      comparison.statistic = difference / error;
      comparison.pValue = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(*comparison.statistic)));
      test.degreesOfFreedom = degrees;
    }
    return test;
  }

  Json::Value WelchTest::ToJson() const
  {
    Json::Value json = comparison.ToJson();
    json["degrees_of_freedom"] = degreesOfFreedom ? Json::Value(*degreesOfFreedom) : Json::Value();
    return json;
  }
}
