// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Statistics
{
  // The curves of a ranking at fixed places, with the percentile intervals of the patient bootstrap within each class
  // (see PatientBootstrap.h); one pass over the samples serves all of them. A band holds at each place by itself, not
  // for the curve as a whole.
  struct CurveBands
  {
    std::vector<Estimate> sensitivity;  // at each false positive rate the highest; between two points a straight line
    std::vector<Estimate> precision;    // at each recall: of the first point that reaches it, as steps are drawn
    Estimate averagePrecision;          // that of EstimateAuprc()

    // The false positive rates, and the recalls: 0, 0.01, ..., 1.
    static std::vector<double> GetPlaces();

    // Throws Error(BadInput) when a class is empty.
    static CurveBands FromPatients(const ScoredPatients& patients, std::uint64_t seed);
  };
}
