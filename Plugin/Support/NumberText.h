// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace H3K27M::Support
{
  // How reasons and criteria print a measured value: six digits, none that say nothing ("91", "0.4492", "1e-07").
  inline std::string PrintNumber(double value)
  {
    char text[32];
    std::snprintf(text, sizeof(text), "%.6g", value);
    return text;
  }

  // A measure for a person to read: four digits; what rounding leaves of nothing is 0.
  inline std::string ToShortText(double value)
  {
    constexpr double NOTHING = 5e-5;  // mm and degrees: below what 32-bit positions can say
    char text[32];
    std::snprintf(text, sizeof(text), "%.4g", std::abs(value) < NOTHING ? 0 : value);
    return text;
  }
}
