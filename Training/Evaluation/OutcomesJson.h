// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"

#include <json/value.h>

#include <vector>

namespace H3K27M::Evaluation
{
  // One object per case: {id, has_tumour, genotype, probability_altered, oracle_probability, slice_probabilities,
  // agrees_with_mask, dice, slice_dice, volume_mm3, typicality}; what was not determined is null, so the masks' figures
  // of a network that draws none. What a run keeps of its units, and what reports are made of.
  Json::Value WriteOutcome(const CaseOutcome& outcome);
  Json::Value WriteOutcomes(const std::vector<CaseOutcome>& outcomes);

  // The inverse, also of release 0.1.0, which has no slice_probabilities. Throws Error(Corrupt) naming the field that
  // is missing or of the wrong type.
  std::vector<CaseOutcome> ReadOutcomes(const Json::Value& json);
}
