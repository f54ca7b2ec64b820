// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/GenotypeLabel.h"

#include "Plugin/Results/LabelTerms.h"

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::size_t MAXIMUM_TEXT = 256;

    void CheckGene(std::vector<FieldFault>& faults, const GenotypeLabel& label)
    {
      const bool isWanted = label.assay == Assay::Pyrosequencing;
      if (isWanted && !label.gene)
      {
        faults.push_back({"gene", ListNames<HistoneGene>() + ", because the assay is pyrosequencing"});
      }
      else if (!isWanted && label.gene)
      {
        faults.push_back({"gene", "absent, because the assay is not pyrosequencing"});
      }
    }

    void CheckExclusion(std::vector<FieldFault>& faults, const GenotypeLabel& label)
    {
      const bool isWanted = label.split == DatasetSplit::Excluded;
      if (isWanted && !label.exclusion)
      {
        faults.push_back({"reason", ListNames<ExclusionReason>() + ", because the split is excluded"});
      }
      else if (!isWanted && label.exclusion)
      {
        faults.push_back({"reason", "absent, because the split is not excluded"});
      }
    }
  }

  std::vector<FieldFault> FindFaults(const GenotypeLabel& label)
  {
    std::vector<FieldFault> faults;
    if (label.status == GenotypeStatus::NotDetermined)
    {
      faults.push_back({"genotype", ListNames<GenotypeStatus>()});
    }
    CheckGene(faults, label);
    CheckLine(faults, "site", label.site, MAXIMUM_TEXT);
    CheckExclusion(faults, label);
    CheckName(faults, "annotator", label.annotator);
    if (!label.reviser.empty())
    {
      CheckName(faults, "reviser", label.reviser);
    }
    CheckLine(faults, "source", label.source, MAXIMUM_TEXT);
    CheckTime(faults, "recorded", label.recordedAtMs);
    return faults;
  }
}
