// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <cstddef>
#include <optional>

namespace H3K27M::Statistics
{
  // Patients by truth and call, and the measures of a decision. Proportions have intervals of Wilson (1927). A measure
  // without any patient in its denominator is empty.
  struct ConfusionMatrix
  {
    std::size_t truePositives = 0;
    std::size_t falseNegatives = 0;
    std::size_t trueNegatives = 0;
    std::size_t falsePositives = 0;

    // Patients for whom the model gave no answer, by their truth. Sensitivity, specificity, accuracy and F1 count them
    // as not found, because leaving them out would flatter the model; PPV and NPV speak of answers and leave them out.
    std::size_t unansweredPositives = 0;
    std::size_t unansweredNegatives = 0;

    // Called positive: score strictly greater than `threshold`.
    static ConfusionMatrix Count(const ScoredPatients& patients, double threshold);

    std::optional<Estimate> GetSensitivity() const;
    std::optional<Estimate> GetSpecificity() const;
    std::optional<Estimate> GetPositivePredictiveValue() const;
    std::optional<Estimate> GetNegativePredictiveValue() const;
    std::optional<Estimate> GetAccuracy() const;

    // 2 TP / (2 TP + FP + FN) = 2 J / (1 + J) with J = TP / (TP + FP + FN). J is a proportion; its Wilson interval is
    // carried through (Lam, 2023: the indirect Wilson method).
    std::optional<Estimate> GetF1() const;

    Json::Value ToJson() const;  // the six counts
  };
}
