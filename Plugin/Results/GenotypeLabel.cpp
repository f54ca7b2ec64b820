// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/GenotypeLabel.h"

#include "Plugin/Results/LabelTerms.h"
#include "Plugin/Support/Utf8.h"

#include <algorithm>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::size_t MAXIMUM_TEXT = 256;
    constexpr std::size_t MAXIMUM_NAME = 64;                      // of a person name's component group (PS3.5 6.2)
    constexpr std::int64_t END_OF_TIME_MS = 253'402'300'800'000;  // 10000-01-01: a DT has four digits for the year

    bool IsOneLine(const std::string& value, std::size_t longest)
    {
      const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
      return value.size() <= longest && Support::IsUtf8(value) && std::none_of(value.begin(), value.end(), isControl);
    }

    // DICOM drops blanks at the end of a text, so that such a text would not come back.
    bool IsTrimmed(const std::string& value)
    {
      return value.empty() || (value.front() != ' ' && value.back() != ' ');
    }

    void CheckText(std::vector<LabelFault>& faults, const char* key, const std::string& value)
    {
      if (value.empty() || !IsTrimmed(value) || !IsOneLine(value, MAXIMUM_TEXT))
      {
        faults.push_back({key, "one line of 1 to " + std::to_string(MAXIMUM_TEXT) + " bytes of UTF-8"});
      }
    }

    // Backslash and equals sign part the values and the groups of a person's name (PS3.5 section 6.2).
    void CheckName(std::vector<LabelFault>& faults, const char* key, const std::string& value)
    {
      if (value.empty() || !IsTrimmed(value) || !IsOneLine(value, MAXIMUM_NAME) ||
          value.find_first_of("\\=") != std::string::npos)
      {
        faults.push_back({key, "a name: one line of 1 to " + std::to_string(MAXIMUM_NAME) +
                                 " bytes of UTF-8 without backslash and equals sign"});
      }
    }

    void CheckGene(std::vector<LabelFault>& faults, const GenotypeLabel& label)
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

    void CheckExclusion(std::vector<LabelFault>& faults, const GenotypeLabel& label)
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

  std::vector<LabelFault> FindFaults(const GenotypeLabel& label)
  {
    std::vector<LabelFault> faults;
    if (label.status == GenotypeStatus::NotDetermined)
    {
      faults.push_back({"genotype", ListNames<GenotypeStatus>()});
    }
    CheckGene(faults, label);
    CheckText(faults, "site", label.site);
    CheckExclusion(faults, label);
    CheckName(faults, "annotator", label.annotator);
    if (!label.reviser.empty())
    {
      CheckName(faults, "reviser", label.reviser);
    }
    CheckText(faults, "source", label.source);
    if (label.recordedAtMs < 0 || label.recordedAtMs >= END_OF_TIME_MS)
    {
      faults.push_back({"recorded", "a time from 1970 to 9999"});
    }
    return faults;
  }
}
