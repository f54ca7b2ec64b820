// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/McNemarTest.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/PValue.h"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>

namespace H3K27M::Statistics
{
  McNemarTest McNemarTest::FromCounts(std::size_t onlyFirstIsRight, std::size_t onlySecondIsRight)
  {
    McNemarTest test;
    test.onlyFirstIsRight = onlyFirstIsRight;
    test.onlySecondIsRight = onlySecondIsRight;
    if (onlyFirstIsRight + onlySecondIsRight > 0)
    {
      const boost::math::binomial chance(static_cast<double>(onlyFirstIsRight + onlySecondIsRight), 0.5);
      const auto fewer = static_cast<double>(std::min(onlyFirstIsRight, onlySecondIsRight));
      const double probability = boost::math::pdf(chance, fewer);
      test.exactP = std::min(1.0, 2 * boost::math::cdf(chance, fewer));
      test.midP = onlyFirstIsRight == onlySecondIsRight ? 1 - probability / 2 : test.exactP - probability;
    }
    return test;
  }

  McNemarTest McNemarTest::Run(const std::vector<bool>& firstIsRight, const std::vector<bool>& secondIsRight)
  {
    if (firstIsRight.empty() || firstIsRight.size() != secondIsRight.size())
    {
      throw Error(ErrorCode::BadInput, "McNemar's test needs the same patients for both models, one at least");
    }
    std::size_t onlyFirst = 0;
    std::size_t onlySecond = 0;
    for (std::size_t i = 0; i < firstIsRight.size(); i++)
    {
      onlyFirst += firstIsRight[i] && !secondIsRight[i] ? 1 : 0;
      onlySecond += !firstIsRight[i] && secondIsRight[i] ? 1 : 0;
    }
    return FromCounts(onlyFirst, onlySecond);
  }

  Json::Value McNemarTest::ToJson() const
  {
    Json::Value json;
    json["only_first_is_right"] = Json::UInt64{onlyFirstIsRight};
    json["only_second_is_right"] = Json::UInt64{onlySecondIsRight};
    json["p"] = midP;
    json["p_text"] = FormatPValue(midP);
    json["p_exact"] = exactP;
    return json;
  }
}
