// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/ScoredPatients.h"

#include <cstddef>

namespace H3K27M::Statistics
{
  // How many patients a difference of two AUROCs rests on: the most pairs of a positive and a negative that the models
  // rank otherwise (won, tied, lost) of which no two share a patient; by König's theorem also the fewest patients
  // without whom the models would rank all pairs alike. One patient who falls behind a hundred others makes a hundred
  // such pairs and counts once. Counted up to `enough`. Throws Error(BadInput) when the patients differ.
  std::size_t CountDiscordantPairs(const ScoredPatients& first, const ScoredPatients& second, std::size_t enough);
}
