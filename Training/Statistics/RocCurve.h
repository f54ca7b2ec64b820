// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <vector>

namespace H3K27M::Statistics
{
  struct RocPoint
  {
    double threshold = 0;  // minus infinity at the last point, where everyone is called positive
    double sensitivity = 0;
    double falsePositiveRate = 0;  // 1 - specificity
  };

  // The receiver operating characteristic: one point per distinct score, so that patients with the same score enter
  // together and a tie is a slanted line, from (0, 0) to (1, 1). Its area by trapezoids is the Mann-Whitney
  // probability with ties counted half (Hanley and McNeil, 1982).
  class RocCurve
  {
  public:
    // Throws Error(BadInput) when a class is empty.
    explicit RocCurve(const ScoredPatients& patients);

    const std::vector<RocPoint>& GetPoints() const noexcept
    {
      return points_;
    }

    double GetArea() const;

    Json::Value ToJson()
      const;  // {threshold: [...], sensitivity: [...], false_positive_rate: [...]}, last threshold null

  private:
    std::vector<RocPoint> points_;
  };
}
