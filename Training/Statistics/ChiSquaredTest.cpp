// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/ChiSquaredTest.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/PValue.h"

#include <boost/math/distributions/chi_squared.hpp>

#include <algorithm>

namespace H3K27M::Statistics
{
  namespace
  {
    struct Margins
    {
      std::vector<double> rows;
      std::vector<double> columns;
      double total = 0;
    };

    Margins AddUp(const std::vector<std::vector<std::size_t>>& table)
    {
      Margins margins;
      margins.columns.resize(table.empty() ? 0 : table.front().size());
      for (const std::vector<std::size_t>& row : table)
      {
        if (row.size() != margins.columns.size())
        {
          throw Error(ErrorCode::BadInput, "The rows of a contingency table are of one length");
        }
        margins.rows.push_back(0);
        for (std::size_t column = 0; column < row.size(); column++)
        {
          const auto count = static_cast<double>(row[column]);
          margins.rows.back() += count;
          margins.columns[column] += count;
          margins.total += count;
        }
      }
      if (margins.total == 0)
      {
        throw Error(ErrorCode::BadInput, "A contingency table needs at least one patient");
      }
      return margins;
    }

    std::size_t CountUsed(const std::vector<double>& margin)
    {
      return static_cast<std::size_t>(std::count_if(margin.begin(), margin.end(), [](double sum) { return sum > 0; }));
    }
  }

  ChiSquaredTest ChiSquaredTest::Run(const std::vector<std::vector<std::size_t>>& table)
  {
    const Margins margins = AddUp(table);
    ChiSquaredTest test;
    test.smallestExpected = margins.total;
    for (std::size_t row = 0; row < margins.rows.size(); row++)
    {
      for (std::size_t column = 0; column < margins.columns.size(); column++)
      {
        const double expected = margins.rows[row] * margins.columns[column] / margins.total;
        if (expected > 0)
        {
          const double excess = static_cast<double>(table[row][column]) - expected;
          test.statistic += excess * excess / expected;
          test.smallestExpected = std::min(test.smallestExpected, expected);
        }
      }
    }
    test.degreesOfFreedom = (CountUsed(margins.rows) - 1) * (CountUsed(margins.columns) - 1);
    if (test.degreesOfFreedom > 0)
    {
      const boost::math::chi_squared distribution(static_cast<double>(test.degreesOfFreedom));
      test.pValue = boost::math::cdf(boost::math::complement(distribution, test.statistic));
    }
    return test;
  }

  Json::Value ChiSquaredTest::ToJson() const
  {
    Json::Value json;
    json["statistic"] = statistic;
    json["degrees_of_freedom"] = Json::UInt64{degreesOfFreedom};
    json["smallest_expected"] = smallestExpected;
    json["p"] = pValue ? Json::Value(*pValue) : Json::Value();
    json["p_text"] = pValue ? Json::Value(FormatPValue(*pValue)) : Json::Value();
    return json;
  }
}
