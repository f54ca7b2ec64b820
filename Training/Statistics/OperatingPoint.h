// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Statistics
{
  // The threshold of a decision, by a rule that was declared beforehand. The maximum of Youden's index on the reported
  // patients is no such rule: it is optimistic, most of all in small studies (Leeflang et al., 2008).
  struct OperatingPoint
  {
    double threshold = 0.5;
    std::string rule;  // in words, for report and card

    // Throws Error(BadInput) unless 0 < threshold < 1.
    static OperatingPoint Fixed(double threshold);

    // The highest threshold at which at least this share of the altered are called altered: half way between the last
    // score needed and the next lower one, or 0. `training` are out-of-fold scores of patients of the training folds;
    // those that are reported on must not be among them. Throws Error(BadInput) when a class is empty, a score lies
    // outside 0..1, unless 0 < sensitivity <= 1, and when an altered patient with the score 0 would be needed.
    static OperatingPoint AtSensitivity(const ScoredPatients& training, double sensitivity);

    Json::Value ToJson() const;  // {threshold, rule}
  };
}
