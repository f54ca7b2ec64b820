// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

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
}
