// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Statistics
{
  // A p value as tables print it: three decimals, "< 0.001" below that, because no p is 0.
  // Throws Error(BadInput) when it is not within 0..1 (NaN is not).
  std::string FormatPValue(double p);
}
