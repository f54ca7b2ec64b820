// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/HolmCorrection.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <numeric>

namespace H3K27M::Statistics
{
  std::vector<double> AdjustByHolm(const std::vector<double>& pValues)
  {
    // Written so that NaN, which compares with nothing, is refused.
    if (!std::all_of(pValues.begin(), pValues.end(), [](double p) { return p >= 0 && p <= 1; }))
    {
      throw Error(ErrorCode::BadInput, "A p value lies between 0 and 1");
    }
    std::vector<std::size_t> order(pValues.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&pValues](std::size_t a, std::size_t b) { return pValues[a] < pValues[b]; });
    std::vector<double> adjusted(pValues.size());
    double largest = 0;
    for (std::size_t i = 0; i < order.size(); i++)
    {
      largest = std::max(largest, static_cast<double>(order.size() - i) * pValues[order[i]]);
      adjusted[order[i]] = std::min(1.0, largest);
    }
    return adjusted;
  }
}
