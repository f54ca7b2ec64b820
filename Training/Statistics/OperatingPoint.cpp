// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/OperatingPoint.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <functional>
#include <sstream>

namespace H3K27M::Statistics
{
  OperatingPoint OperatingPoint::Fixed(double threshold)
  {
    if (!(threshold > 0 && threshold < 1))
    {
      throw Error(ErrorCode::BadInput, "A threshold lies between 0 and 1");
    }
    return {threshold, "fixed beforehand"};
  }

  OperatingPoint OperatingPoint::AtSensitivity(const ScoredPatients& training, double sensitivity)
  {
    training.RequireBothClasses("The choice of a threshold");
    training.RequireProbabilities("The choice of a threshold");
    if (!(sensitivity > 0 && sensitivity <= 1))
    {
      throw Error(ErrorCode::BadInput, "A wanted sensitivity is greater than 0 and at most 1");
    }
    std::vector<double> altered = training.GetScoresOf(true);
    std::sort(altered.begin(), altered.end(), std::greater<>());
    // The least number of patients whose share is enough; the division decides, so that 0.8 of 5 are 4.
    std::size_t needed = 1;
    while (static_cast<double>(needed) / static_cast<double>(altered.size()) < sensitivity)
    {
      needed++;
    }
    const double last = altered[needed - 1];
    if (last == 0)
    {
      throw Error(ErrorCode::BadInput, "No threshold reaches the wanted sensitivity: an altered patient that it needs "
                                       "has the probability 0");
    }
    double below = 0;  // of all patients the highest score less than `last`
    for (const double score : training.GetScores())
    {
      below = score < last ? std::max(below, score) : below;
    }
    const double middle = (below + last) / 2;
    OperatingPoint point;
    point.threshold = middle < last ? middle : below;  // strictly below the last score, whatever rounding does
    std::ostringstream rule;
    rule << "sensitivity of at least " << sensitivity << " in the training folds";
    point.rule = rule.str();
    return point;
  }

  Json::Value OperatingPoint::ToJson() const
  {
    Json::Value json;
    json["threshold"] = threshold;
    json["rule"] = rule;
    return json;
  }
}
