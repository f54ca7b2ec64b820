// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <vector>

namespace H3K27M::Statistics
{
  // p values of one family of comparisons, adjusted by the step-down method of Holm (1979): the i-th smallest of m
  // becomes the largest (m - j + 1) p_j of the j <= i, at most 1. Holds the family's error without assumptions on how
  // the comparisons depend. In the order given. Throws Error(BadInput) when one is not within 0..1.
  std::vector<double> AdjustByHolm(const std::vector<double>& pValues);
}
