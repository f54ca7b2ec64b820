// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/DecisionCurve.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/ConfusionMatrix.h"
#include "Training/Statistics/PatientBootstrap.h"

namespace H3K27M::Statistics
{
  namespace
  {
    std::vector<double> ComputeNetBenefit(const ScoredPatients& patients, const std::vector<double>& thresholds)
    {
      const DecisionCurve curve(patients, thresholds);
      std::vector<double> benefits;
      benefits.reserve(thresholds.size());
      for (const DecisionPoint& point : curve.GetPoints())
      {
        benefits.push_back(point.model);
      }
      return benefits;
    }
  }

  std::vector<double> DecisionCurve::GetDefaultThresholds()
  {
    std::vector<double> thresholds;
    for (int percent = 1; percent < 100; percent++)
    {
      thresholds.push_back(percent / 100.0);
    }
    return thresholds;
  }

  DecisionCurve::DecisionCurve(const ScoredPatients& patients, const std::vector<double>& thresholds)
  {
    patients.RequireProbabilities("The decision curve");
    const auto count = static_cast<double>(patients.GetCount());
    for (const double threshold : thresholds)
    {
      if (!(threshold >= 0 && threshold < 1))
      {
        throw Error(ErrorCode::BadInput, "A threshold of the decision curve is at least 0 and less than 1");
      }
      const double odds = threshold / (1 - threshold);
      const auto getBenefit = [count, odds](std::size_t hits, std::size_t alarms)
      { return static_cast<double>(hits) / count - static_cast<double>(alarms) / count * odds; };
      const ConfusionMatrix matrix = ConfusionMatrix::Count(patients, threshold);
      points_.push_back({threshold, getBenefit(matrix.truePositives, matrix.falsePositives),
                         getBenefit(patients.GetPositives(), patients.GetNegatives())});
    }
  }

  Json::Value DecisionCurve::ToJson() const
  {
    Json::Value json;
    for (const DecisionPoint& point : points_)
    {
      json["threshold"].append(point.threshold);
      json["model"].append(point.model);
      json["treat_all"].append(point.treatAll);
    }
    json["treat_none"] = 0;
    return json;
  }

  std::vector<Estimate> EstimateNetBenefit(const ScoredPatients& patients, const std::vector<double>& thresholds,
                                           std::uint64_t seed)
  {
    return PatientBootstrap::WithinClasses(patients, seed)
      .EstimateIntervals(ComputeNetBenefit(patients, thresholds), [&](const std::vector<std::size_t>& sample)
    { return ComputeNetBenefit(patients.Select(sample), thresholds); });
  }
}
