// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/PrecisionRecallCurve.h"

#include "Training/Statistics/PatientBootstrap.h"

namespace H3K27M::Statistics
{
  PrecisionRecallCurve::PrecisionRecallCurve(const ScoredPatients& patients)
  {
    patients.RequireBothClasses("The precision-recall curve");
    const std::vector<std::size_t> order = patients.GetDescendingOrder();
    const std::vector<double>& scores = patients.GetScores();
    const auto positives = static_cast<double>(patients.GetPositives());
    std::size_t hits = 0;
    std::size_t counted = 0;
    for (std::size_t i = 0; i < order.size(); i++)
    {
      hits += patients.GetTruth()[order[i]] ? 1 : 0;
      const bool isLastOfTie = i + 1 == order.size() || scores[order[i + 1]] < scores[order[i]];
      if (isLastOfTie)
      {
        const double precision = static_cast<double>(hits) / static_cast<double>(i + 1);
        points_.push_back({scores[order[i]], precision, static_cast<double>(hits) / positives});
        // Whole patients are summed and divided once: of classes that are apart the area is 1, not nearly 1.
        averagePrecision_ += static_cast<double>(hits - counted) * precision;
        counted = hits;
      }
    }
    averagePrecision_ /= positives;
  }

  Json::Value PrecisionRecallCurve::ToJson() const
  {
    Json::Value json;
    for (const PrecisionRecallPoint& point : points_)
    {
      json["score"].append(point.score);
      json["precision"].append(point.precision);
      json["recall"].append(point.recall);
    }
    return json;
  }

  Estimate EstimateAuprc(const ScoredPatients& patients, std::uint64_t seed)
  {
    const double value = PrecisionRecallCurve(patients).GetAveragePrecision();
    return PatientBootstrap::WithinClasses(patients, seed)
      .EstimateInterval(value, [&patients](const std::vector<std::size_t>& sample)
    { return PrecisionRecallCurve(patients.Select(sample)).GetAveragePrecision(); });
  }
}
