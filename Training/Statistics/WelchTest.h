// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"

#include <optional>
#include <vector>

namespace H3K27M::Statistics
{
  // The t test of two means without assuming equal variances (Welch, 1947): t = (mean1 - mean2) / sqrt(s1^2/n1 +
  // s2^2/n2) with the degrees of freedom of Welch and Satterthwaite; the interval of the difference is of the same t.
  struct WelchTest
  {
    Comparison comparison;  // of the means; `statistic` is t
    std::optional<double> degreesOfFreedom;

    // Throws Error(BadInput) when a group is empty or holds a value that is not finite. There is no p when a group has
    // one value only, nor when no group varies and the means differ; groups that are one and the same value: p = 1.
    static WelchTest Run(const std::vector<double>& first, const std::vector<double>& second);

    Json::Value ToJson() const;  // Comparison's, and degrees_of_freedom
  };
}
