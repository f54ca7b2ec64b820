// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/CaseReview.h"
#include "Plugin/Results/LabelTerms.h"

#include <vector>

namespace H3K27M::Results
{
  // The decisions of a review; a status has the terms that it has in a label.
  template <>
  const std::vector<Term<ReviewDecision>>& GetTerms();
}
