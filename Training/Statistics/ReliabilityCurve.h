// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace H3K27M::Statistics
{
  enum class Binning
  {
    EqualWidth,  // [0, 1/n), [1/n, 2/n), ..., the last one closed
    EqualMass    // as many patients in each, as far as ties allow: equal scores stay together, in their lowest bin
  };

  // "equal width", "equal mass".
  const char* ToString(Binning binning) noexcept;

  struct ReliabilityBin
  {
    std::size_t patients = 0;
    double meanScore = 0;
    Estimate observed;  // share of positives, Wilson
  };

  // Predicted probability against observed share. Bins without a patient are left out. The expected calibration error
  // is the mean over patients of |mean score - observed share| of their bin (Naeini, Cooper and Hauskrecht, 2015). It
  // is biased upwards where bins hold few patients, so it is given with its bins and never compared across others.
  class ReliabilityCurve
  {
  public:
    static constexpr std::size_t BINS = 10;

    // Throws Error(BadInput) for no bin, or a score outside 0..1.
    ReliabilityCurve(const ScoredPatients& patients, Binning binning, std::size_t bins = BINS);

    // Ascending.
    const std::vector<ReliabilityBin>& GetBins() const noexcept
    {
      return used_;
    }

    double GetExpectedCalibrationError() const;

    // {ece, binning, bins, curve: [{patients, mean_score, observed: {...}}, ...]}
    Json::Value ToJson() const;

  private:
    Binning binning_;
    std::size_t bins_;
    std::vector<ReliabilityBin> used_;
  };

  // The expected calibration error in ReliabilityCurve::BINS bins, with the percentile interval of the patient
  // bootstrap. The bias is in the samples once more, so that the interval lies too high and may leave out the value
  // itself. Throws Error(BadInput) for a score outside 0..1.
  Estimate EstimateCalibrationError(const ScoredPatients& patients, Binning binning, std::uint64_t seed);
}
