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
  struct PrecisionRecallPoint
  {
    double score = 0;  // everyone with this score or a higher one is called positive
    double precision = 0;
    double recall = 0;
  };

  // Precision against recall, one point per distinct score, the highest first. Its area is the average precision: the
  // sum over the points of (gain in recall) x precision. Tied patients enter together, so their order cannot matter;
  // no straight lines between the points, which would be too good (Davis and Goadrich, 2006; Boyd et al., 2013).
  class PrecisionRecallCurve
  {
  public:
    // Throws Error(BadInput) when a class is empty.
    explicit PrecisionRecallCurve(const ScoredPatients& patients);

    const std::vector<PrecisionRecallPoint>& GetPoints() const noexcept
    {
      return points_;
    }

    double GetAveragePrecision() const noexcept
    {
      return averagePrecision_;
    }

    Json::Value ToJson() const;  // {score: [...], precision: [...], recall: [...]}

  private:
    std::vector<PrecisionRecallPoint> points_;
    double averagePrecision_ = 0;
  };

  // The average precision (AUPRC) with the percentile interval of the patient bootstrap within each class (see
  // PatientBootstrap.h): the measure depends on the share of positives, which is the study's design and stays fixed.
  // Throws Error(BadInput) when a class is empty.
  Estimate EstimateAuprc(const ScoredPatients& patients, std::uint64_t seed);
}
