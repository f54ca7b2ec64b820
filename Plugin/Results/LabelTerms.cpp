// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelTerms.h"

#include "Plugin/Results/ReportCodes.h"

namespace H3K27M::Results
{
  template <>
  const std::vector<Term<GenotypeStatus>>& GetTerms()
  {
    static const std::vector<Term<GenotypeStatus>> terms = {
      {GenotypeStatus::Altered, "altered", Codes::STATUS_ALTERED},
      {GenotypeStatus::WildType, "wild-type", Codes::STATUS_WILD_TYPE}};
    return terms;
  }

  template <>
  const std::vector<Term<Assay>>& GetTerms()
  {
    static const std::vector<Term<Assay>> terms = {
      {Assay::Pyrosequencing, "pyrosequencing", Codes::ASSAY_PYROSEQUENCING},
      {Assay::Immunohistochemistry, "ihc", Codes::ASSAY_IMMUNOHISTOCHEMISTRY},
      {Assay::Other, "other", Codes::ASSAY_OTHER}};
    return terms;
  }

  template <>
  const std::vector<Term<HistoneGene>>& GetTerms()
  {
    static const std::vector<Term<HistoneGene>> terms = {{HistoneGene::H3F3A, "H3F3A", Codes::GENE_H3F3A},
                                                         {HistoneGene::HIST1H3B, "HIST1H3B", Codes::GENE_HIST1H3B}};
    return terms;
  }

  template <>
  const std::vector<Term<DatasetSplit>>& GetTerms()
  {
    static const std::vector<Term<DatasetSplit>> terms = {
      {DatasetSplit::Development, "development", Codes::SPLIT_DEVELOPMENT},
      {DatasetSplit::External, "external", Codes::SPLIT_EXTERNAL},
      {DatasetSplit::Excluded, "excluded", Codes::SPLIT_EXCLUDED}};
    return terms;
  }

  template <>
  const std::vector<Term<ExclusionReason>>& GetTerms()
  {
    static const std::vector<Term<ExclusionReason>> terms = {
      {ExclusionReason::PriorSurgery, "prior-surgery", Codes::EXCLUDED_PRIOR_SURGERY},
      {ExclusionReason::Radiation, "radiation", Codes::EXCLUDED_RADIATION},
      {ExclusionReason::Chemotherapy, "chemotherapy", Codes::EXCLUDED_CHEMOTHERAPY},
      {ExclusionReason::MissingSequence, "missing-sequence", Codes::EXCLUDED_MISSING_SEQUENCE},
      {ExclusionReason::Artefact, "artefact", Codes::EXCLUDED_ARTEFACT},
      {ExclusionReason::Other, "other", Codes::EXCLUDED_OTHER}};
    return terms;
  }
}
