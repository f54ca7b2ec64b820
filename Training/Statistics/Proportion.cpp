// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/Proportion.h"

#include "Inference/Protocol/Error.h"

#include <cmath>

namespace H3K27M::Statistics
{
  Estimate EstimateProportion(std::size_t hits, std::size_t trials)
  {
    if (trials == 0 || hits > trials)
    {
      throw Error(ErrorCode::BadInput, "A proportion needs at least one trial");
    }
    const auto n = static_cast<double>(trials);
    const double p = static_cast<double>(hits) / n;
    const double z2 = Z_95 * Z_95;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = Z_95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    // The bounds touch 0 and 1 exactly there; rounding must not push them inside or out.
    return {p, hits == 0 ? 0 : centre - half, hits == trials ? 1 : centre + half, "Wilson"};
  }
}
