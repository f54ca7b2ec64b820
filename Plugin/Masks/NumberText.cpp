// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/NumberText.h"

#include <cmath>
#include <cstdio>

namespace H3K27M::Masks
{
  std::string ToShortText(double value)
  {
    constexpr double NOTHING = 5e-5;  // mm and degrees: below what 32-bit positions can say
    char text[32];
    std::snprintf(text, sizeof(text), "%.4g", std::abs(value) < NOTHING ? 0 : value);
    return text;
  }
}
