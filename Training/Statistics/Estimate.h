// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Statistics
{
  constexpr double CONFIDENCE = 0.95;         // of every interval, two-sided
  constexpr double Z_95 = 1.959963984540054;  // the normal distribution's quantile at 0.975

  // An estimate with its 95 % confidence interval. The unit is the patient everywhere.
  struct Estimate
  {
    double value = 0;
    double low = 0;
    double high = 0;
    std::string method;  // how the interval was made; where it could not be made, why

    Json::Value ToJson() const;  // {value, low, high, confidence: 0.95, method}
  };

  // A difference, first minus second, and whether chance explains it.
  struct Comparison
  {
    Estimate difference;
    std::optional<double> statistic;  // z or t, where the method has one
    std::optional<double> pValue;     // two-sided; empty where it is not defined: `difference.method` then says why

    Json::Value ToJson() const;  // {difference, statistic, p, p_text}; what is not defined is null
  };
}
