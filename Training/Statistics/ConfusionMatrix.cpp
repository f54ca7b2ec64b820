// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/ConfusionMatrix.h"

#include "Training/Statistics/Proportion.h"

namespace H3K27M::Statistics
{
  namespace
  {
    std::optional<Estimate> EstimateShare(std::size_t hits, std::size_t others)
    {
      return hits + others == 0 ? std::nullopt : std::optional(EstimateProportion(hits, hits + others));
    }
  }

  ConfusionMatrix ConfusionMatrix::Count(const ScoredPatients& patients, double threshold)
  {
    ConfusionMatrix matrix;
    for (std::size_t i = 0; i < patients.GetCount(); i++)
    {
      const bool isCalled = patients.GetScores()[i] > threshold;
      if (patients.GetTruth()[i])
      {
        (isCalled ? matrix.truePositives : matrix.falseNegatives)++;
      }
      else
      {
        (isCalled ? matrix.falsePositives : matrix.trueNegatives)++;
      }
    }
    return matrix;
  }

  std::optional<Estimate> ConfusionMatrix::GetSensitivity() const
  {
    return EstimateShare(truePositives, falseNegatives + unansweredPositives);
  }

  std::optional<Estimate> ConfusionMatrix::GetSpecificity() const
  {
    return EstimateShare(trueNegatives, falsePositives + unansweredNegatives);
  }

  std::optional<Estimate> ConfusionMatrix::GetPositivePredictiveValue() const
  {
    return EstimateShare(truePositives, falsePositives);
  }

  std::optional<Estimate> ConfusionMatrix::GetNegativePredictiveValue() const
  {
    return EstimateShare(trueNegatives, falseNegatives);
  }

  std::optional<Estimate> ConfusionMatrix::GetAccuracy() const
  {
    return EstimateShare(truePositives + trueNegatives,
                         falseNegatives + falsePositives + unansweredPositives + unansweredNegatives);
  }

  std::optional<Estimate> ConfusionMatrix::GetF1() const
  {
    std::optional<Estimate> f1 = EstimateShare(truePositives, falsePositives + falseNegatives + unansweredPositives);
    if (f1)
    {
      for (double* share : {&f1->value, &f1->low, &f1->high})
      {
        *share = 2 * *share / (1 + *share);
      }
      f1->method = "Wilson of TP / (TP + FP + FN), carried through";
    }
    return f1;
  }

  Json::Value ConfusionMatrix::ToJson() const
  {
    Json::Value json;
    json["true_positives"] = Json::UInt64{truePositives};
    json["false_negatives"] = Json::UInt64{falseNegatives};
    json["true_negatives"] = Json::UInt64{trueNegatives};
    json["false_positives"] = Json::UInt64{falsePositives};
    json["unanswered_positives"] = Json::UInt64{unansweredPositives};
    json["unanswered_negatives"] = Json::UInt64{unansweredNegatives};
    return json;
  }
}
