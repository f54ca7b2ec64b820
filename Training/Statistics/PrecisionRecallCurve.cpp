// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/PrecisionRecallCurve.h"

#include "Training/Statistics/CallCounts.h"
#include "Training/Statistics/PatientBootstrap.h"

namespace H3K27M::Statistics
{
  PrecisionRecallCurve::PrecisionRecallCurve(const ScoredPatients& patients)
  {
    patients.RequireBothClasses("The precision-recall curve");
    const std::vector<CallCount> counts = CallRanking(patients).CountCalls();
    const auto positives = static_cast<double>(patients.GetPositives());
    for (std::size_t i = 1; i < counts.size(); i++)
    {
      points_.push_back({counts[i].score, counts[i].GetPrecision(), static_cast<double>(counts[i].hits) / positives});
    }
    averagePrecision_ = ComputeAveragePrecision(counts);
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
    const CallRanking ranking(patients);
    return PatientBootstrap::WithinClasses(patients, seed)
      .EstimateInterval(value, [&ranking](const std::vector<std::size_t>& sample)
    { return ComputeAveragePrecision(ranking.CountCalls(sample)); });
  }
}
