// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/PValue.h"

#include "Inference/Protocol/Error.h"

#include <array>
#include <cstdio>

namespace H3K27M::Statistics
{
  std::string FormatPValue(double p)
  {
    if (!(p >= 0 && p <= 1))
    {
      throw Error(ErrorCode::BadInput, "A p value lies between 0 and 1");
    }
    if (p < 0.001)
    {
      return "< 0.001";
    }
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.3f", p);
    return text.data();
  }
}
