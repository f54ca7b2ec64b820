// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/FisherTest.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/PValue.h"

#include <boost/math/distributions/hypergeometric.hpp>

#include <algorithm>

namespace H3K27M::Statistics
{
  namespace
  {
    constexpr double EQUAL_PROBABILITY = 1 + 1e-7;
    constexpr std::size_t MOST_IN_A_CELL = std::size_t{1} << 29;  // four of them fit the distribution's 32 bits
  }

  FisherTest FisherTest::Run(const std::array<std::array<std::size_t, 2>, 2>& table)
  {
    const auto [a, b] = table[0];
    const auto [c, d] = table[1];
    if (std::max({a, b, c, d}) > MOST_IN_A_CELL)
    {
      throw Error(ErrorCode::BadInput, "Fisher's test takes at most 2^29 patients in a cell");
    }
    FisherTest test;
    if (b > 0 && c > 0)
    {
      test.oddsRatio =
        static_cast<double>(a) * static_cast<double>(d) / (static_cast<double>(b) * static_cast<double>(c));
    }
    if (a + b == 0 || c + d == 0 || a + c == 0 || b + d == 0)
    {
      return test;
    }
    const auto row = static_cast<unsigned int>(a + b);
    const auto column = static_cast<unsigned int>(a + c);
    const auto total = static_cast<unsigned int>(a + b + c + d);
    const boost::math::hypergeometric chance(column, row, total);
    const double seen = boost::math::pdf(chance, static_cast<unsigned int>(a));
    const unsigned int least = row + column > total ? row + column - total : 0;
    double sum = 0;
    for (unsigned int k = least; k <= std::min(row, column); k++)
    {
      const double probability = boost::math::pdf(chance, k);
      sum += probability <= seen * EQUAL_PROBABILITY ? probability : 0;
    }
    test.pValue = std::min(1.0, sum);
    return test;
  }

  Json::Value FisherTest::ToJson() const
  {
    Json::Value json;
    json["odds_ratio"] = oddsRatio ? Json::Value(*oddsRatio) : Json::Value();
    json["p"] = pValue;
    json["p_text"] = FormatPValue(pValue);
    return json;
  }
}
