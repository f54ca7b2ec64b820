// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/RocCurve.h"

#include <cmath>
#include <limits>

namespace H3K27M::Statistics
{
  RocCurve::RocCurve(const ScoredPatients& patients)
  {
    patients.RequireBothClasses("The ROC curve");
    const std::vector<std::size_t> order = patients.GetDescendingOrder();
    const auto positives = static_cast<double>(patients.GetPositives());
    const auto negatives = static_cast<double>(patients.GetNegatives());
    std::size_t hits = 0;
    double threshold = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < order.size(); i++)
    {
      const double score = patients.GetScores()[order[i]];
      if (score < threshold)
      {
        threshold = score;
        points_.push_back(
          {threshold, static_cast<double>(hits) / positives, static_cast<double>(i - hits) / negatives});
      }
      hits += patients.GetTruth()[order[i]] ? 1 : 0;
    }
    points_.push_back({-std::numeric_limits<double>::infinity(), 1, 1});
  }

  double RocCurve::GetArea() const
  {
    double area = 0;
    for (std::size_t i = 1; i < points_.size(); i++)
    {
      area += (points_[i].falsePositiveRate - points_[i - 1].falsePositiveRate) *
              (points_[i].sensitivity + points_[i - 1].sensitivity) / 2;
    }
    return area;
  }

  Json::Value RocCurve::ToJson() const
  {
    Json::Value json;
    for (const RocPoint& point : points_)
    {
      json["threshold"].append(std::isfinite(point.threshold) ? Json::Value(point.threshold) : Json::Value());
      json["sensitivity"].append(point.sensitivity);
      json["false_positive_rate"].append(point.falsePositiveRate);
    }
    return json;
  }
}
