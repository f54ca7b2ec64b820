// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace H3K27M::Statistics
{
  // Pearson's chi-squared test of independence of an r x c table (Pearson, 1900), without continuity correction. Rows
  // and columns without any patient are left out. The approximation asks for expected counts of 5 (Cochran, 1954): the
  // smallest is given, and where it is less, a 2 x 2 table is for Fisher's test.
  struct ChiSquaredTest
  {
    double statistic = 0;
    std::size_t degreesOfFreedom = 0;
    double smallestExpected = 0;
    std::optional<double> pValue;  // empty where fewer than two rows or columns hold a patient

    // [row][column]. Throws Error(BadInput) for no patient or rows of different length.
    static ChiSquaredTest Run(const std::vector<std::vector<std::size_t>>& table);

    Json::Value ToJson() const;  // {statistic, degrees_of_freedom, smallest_expected, p, p_text}
  };
}
