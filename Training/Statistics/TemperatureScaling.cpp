// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/TemperatureScaling.h"

#include <boost/math/tools/toms748_solve.hpp>

#include <cmath>

namespace H3K27M::Statistics
{
  namespace
  {
    double Squash(double logit) noexcept
    {
      return 1 / (1 + std::exp(-logit));
    }
  }

  TemperatureScaling::TemperatureScaling(double temperature, bool isAtBound) :
    temperature_(temperature),
    isAtBound_(isAtBound)
  {
  }

  TemperatureScaling TemperatureScaling::Fit(const ScoredPatients& outOfFold)
  {
    outOfFold.RequireBothClasses("Temperature scaling");
    // Of the negative log-likelihood by b = 1 / T; it rises with b. Each patient adds (p - y) z; p - 1 is written as
    // -(1 - p), which does not vanish for large logits.
    const auto getSlope = [&outOfFold](double inverse)
    {
      double slope = 0;
      for (std::size_t i = 0; i < outOfFold.GetCount(); i++)
      {
        const double logit = outOfFold.GetScores()[i];
        slope += logit * (outOfFold.GetTruth()[i] ? -Squash(-logit * inverse) : Squash(logit * inverse));
      }
      return slope;
    };
    const double slopeAtMost = getSlope(1 / MOST);
    const double slopeAtLeast = getSlope(1 / LEAST);
    if (slopeAtMost >= 0)
    {
      return {MOST, true};
    }
    if (slopeAtLeast <= 0)
    {
      return {LEAST, true};
    }
    std::uintmax_t iterations = 200;
    const auto [low, high] =
      boost::math::tools::toms748_solve(getSlope, 1 / MOST, 1 / LEAST, slopeAtMost, slopeAtLeast,
                                        boost::math::tools::eps_tolerance<double>(52), iterations);
    return {2 / (low + high), false};
  }

  double TemperatureScaling::Apply(double logit) const
  {
    return Squash(logit / temperature_);
  }

  Json::Value TemperatureScaling::ToJson() const
  {
    Json::Value json;
    json["temperature"] = temperature_;
    json["is_at_bound"] = isAtBound_;
    return json;
  }
}
