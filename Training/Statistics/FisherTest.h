// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <array>
#include <cstddef>
#include <optional>

namespace H3K27M::Statistics
{
  // The exact test of a 2 x 2 table with fixed margins (Fisher, 1922): the two-sided p is the probability of all tables
  // that are not more probable than the one seen (with a relative tolerance of 1e-7, so that rounding separates no
  // equals). An empty margin leaves one table only: p = 1.
  struct FisherTest
  {
    std::optional<double> oddsRatio;  // of the sample, ad / bc; empty where bc is 0
    double pValue = 1;                // two-sided

    // {{a, b}, {c, d}}. Throws Error(BadInput) for more than 2^29 patients in a cell.
    static FisherTest Run(const std::array<std::array<std::size_t, 2>, 2>& table);

    Json::Value ToJson() const;  // {odds_ratio, p, p_text}
  };
}
