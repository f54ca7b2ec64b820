// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/Ranks.h"

#include <algorithm>
#include <numeric>

namespace H3K27M::Statistics
{
  std::vector<double> ComputeMidranks(const std::vector<double>& values)
  {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();)
    {
      std::size_t end = first + 1;
      while (end < order.size() && values[order[end]] == values[order[first]])
      {
        end++;
      }
      for (std::size_t i = first; i < end; i++)
      {
        ranks[order[i]] = static_cast<double>(first + 1 + end) / 2;
      }
      first = end;
    }
    return ranks;
  }
}
