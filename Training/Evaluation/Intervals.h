// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Evaluation
{
  // An estimate with its 95 % confidence interval. The unit is the patient everywhere.
  struct Estimate
  {
    double value = 0;
    double low = 0;
    double high = 0;
    std::string method;  // how the interval was made

    Json::Value ToJson() const;  // {value, low, high, confidence: 0.95, method}
  };

  // Area under the ROC curve with the interval of DeLong et al. (1988), clipped to 0..1. `positives`, `negatives`: the
  // scores of altered and of wild-type patients; ties count half. Complete separation has no DeLong variance: the
  // method then says so. Throws Error(BadInput) when either is empty.
  Estimate EstimateAuroc(const std::vector<double>& positives, const std::vector<double>& negatives);

  // `hits` of `trials` with the interval of Wilson (1927). Throws Error(BadInput) when there is no trial.
  Estimate EstimateProportion(std::size_t hits, std::size_t trials);

  // Mean with the percentile interval of 2,000 bootstrap samples of patients; equal seeds give equal bounds.
  // Throws Error(BadInput) when `values` is empty.
  Estimate EstimateMean(const std::vector<double>& values, std::uint64_t seed);
}
