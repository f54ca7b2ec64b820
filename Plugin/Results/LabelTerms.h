// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/Results/Term.h"

#include <vector>

namespace H3K27M::Results
{
  // The values of a label's coded fields.
  template <>
  const std::vector<Term<GenotypeStatus>>& GetTerms();
  template <>
  const std::vector<Term<Assay>>& GetTerms();
  template <>
  const std::vector<Term<HistoneGene>>& GetTerms();
  template <>
  const std::vector<Term<DatasetSplit>>& GetTerms();
  template <>
  const std::vector<Term<ExclusionReason>>& GetTerms();
}
