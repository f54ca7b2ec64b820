// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

namespace H3K27M::Statistics
{
  // Calibration by one number (Guo et al., 2017): p = 1 / (1 + exp(-z / T)), T > 0 chosen to make the negative
  // log-likelihood of out-of-fold logits least. It leaves the order of the patients, and so the AUROC, and the call at
  // 0.5 as they are.
  class TemperatureScaling
  {
  public:
    static constexpr double LEAST = 0.05;
    static constexpr double MOST = 20;

    // `outOfFold`: scores are logits z = log(p / (1 - p)), each from a model that has not seen the patient. The
    // likelihood is convex in 1 / T; the root of its derivative is found to the last bits. Logits that separate the
    // classes would want T = 0, logits that say nothing T = infinity: T then stays at LEAST or MOST and IsAtBound()
    // says so. Throws Error(BadInput) when a class is empty.
    static TemperatureScaling Fit(const ScoredPatients& outOfFold);

    double GetTemperature() const noexcept
    {
      return temperature_;
    }

    bool IsAtBound() const noexcept
    {
      return isAtBound_;
    }

    // Calibrated probability.
    double Apply(double logit) const;

    Json::Value ToJson() const;  // {temperature, is_at_bound}

  private:
    TemperatureScaling(double temperature, bool isAtBound);

    double temperature_;
    bool isAtBound_;
  };
}
