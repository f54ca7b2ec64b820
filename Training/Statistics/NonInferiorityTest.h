// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <json/value.h>

#include <cstddef>
#include <string>

namespace H3K27M::Statistics
{
  // Whether a candidate model may take the place of the one that serves: its AUROC must not be worse by `margin` or
  // more. It passes when the lower bound of the paired 95 % DeLong interval of candidate - reference lies above
  // -margin, which is a one-sided test at 2.5 % (Liu, Ma, Wu and Tai, 2006). Too few patients give a wide interval and
  // do not pass. Where the difference has no variance, as of two models that both separate the classes, nothing is
  // judged, and what is not judged has not passed.
  //
  // Nor is a difference that rests on fewer than six patients (DiscordantPairs.h). Of equal models, five pairs without
  // a patient in common on which they differ all favour the candidate once in 32 times, 3.1 % (sign test, Dixon and
  // Mood, 1946): not even the clearest outcome of so few says anything at 2.5 %. DeLong's interval is the narrower the
  // fewer there are, as its normal distribution needs many: two neighbours who are swapped among 35 patients who are
  // told apart otherwise would pass, where nobody swapped is not judged.
  struct NonInferiorityTest
  {
    static constexpr std::size_t MINIMUM_DISCORDANT_PAIRS = 6;

    Comparison comparison;  // candidate minus reference; its p is that of a difference, two-sided
    double margin = 0;
    bool isJudged = false;  // the difference has a variance, and rests on enough patients
    bool isPassed = false;
    std::string reason;  // in words, with the numbers

    // Both on the same patients, whom neither has seen. Throws Error(BadInput) unless 0 < margin < 1, when the patients
    // differ, or when a class is empty.
    static NonInferiorityTest Run(const ScoredPatients& candidate, const ScoredPatients& reference, double margin);

    Json::Value ToJson() const;  // {passed, margin, reason, comparison: {...}}
  };
}
