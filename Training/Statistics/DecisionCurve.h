// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <cstdint>
#include <vector>

namespace H3K27M::Statistics
{
  struct DecisionPoint
  {
    double threshold = 0;  // the probability from which on a clinician would act
    double model = 0;      // net benefit of acting on those above it
    double treatAll = 0;   // of acting on everyone; that of acting on no one is 0
  };

  // Net benefit against the threshold probability t: TP/n - FP/n x t / (1 - t), with those called positive whose
  // probability is strictly greater than t (Vickers and Elkin, 2006).
  class DecisionCurve
  {
  public:
    // 0.01, 0.02, ..., 0.99.
    static std::vector<double> GetDefaultThresholds();

    // Throws Error(BadInput) when a score lies outside 0..1 or a threshold outside 0 <= t < 1.
    DecisionCurve(const ScoredPatients& patients, const std::vector<double>& thresholds);

    const std::vector<DecisionPoint>& GetPoints() const noexcept
    {
      return points_;
    }

    // {threshold: [...], model: [...], treat_all: [...], treat_none: 0}
    Json::Value ToJson() const;

  private:
    std::vector<DecisionPoint> points_;
  };

  // The model's net benefit at each threshold with the percentile interval of the patient bootstrap within each class
  // (see PatientBootstrap.h): the share of positives is the study's design and stays fixed, and with it the benefit of
  // acting on everyone. Each interval holds at its own threshold. Throws what DecisionCurve throws.
  std::vector<Estimate> EstimateNetBenefit(const ScoredPatients& patients, const std::vector<double>& thresholds,
                                           std::uint64_t seed);
}
