// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <vector>

namespace H3K27M::Statistics
{
  // The rank of each value, from 1; equal values share the mean of their ranks (a multiple of 0.5, exact).
  std::vector<double> ComputeMidranks(const std::vector<double>& values);
}
