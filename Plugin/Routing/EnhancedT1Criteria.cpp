// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/EnhancedT1Criteria.h"

#include "Plugin/Routing/BodyPartCriterion.h"
#include "Plugin/Routing/TagText.h"
#include "Plugin/Routing/TextFolding.h"

namespace H3K27M::Routing
{
  namespace
  {
    // A short inversion time nulls fat (STIR), a long one fluid (FLAIR, which the echo time tells from T1 FLAIR).
    RoutingCriterion JudgeInversion(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      const double time = tags.inversionTimeMs.value_or(0);
      evidence.Add(time > 0 && time < rules.inversionTimeMinimumMs, "InversionTime " + PrintNumber(time) + " ms");
      evidence.Add(tags.acquisitionContrast == "STIR", "AcquisitionContrast STIR");
      return evidence.Make("inversion", "no inversion pulse, or one that serves T1");
    }

    RoutingCriterion JudgeAcquisitionContrast(const SeriesDescriptor& series)
    {
      const std::string& contrast = series.acquisition.acquisitionContrast;
      const bool passed = contrast.empty() || contrast == "T1" || contrast == "UNKNOWN";
      return RoutingCriterion{"acquisition_contrast", OrAbsent(contrast), "T1, or not stated", passed};
    }

    // The description has the last word: technicians copy the tag from series to series, also onto those before the
    // injection.
    RoutingCriterion JudgeContrastAgent(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      const std::string protocol = IsExaminationProtocol(series) ? std::string() : tags.protocolName;
      const std::string text =
        RemoveWords(FoldText(tags.seriesDescription + " / " + protocol), {"pre op", "preop*", "pre operat*"});
      const std::string without = FindWord(text, rules.words.noContrastAgent);
      const std::string with = FindWord(text, rules.words.contrastAgent);
      RoutingCriterion criterion{"contrast_agent", "", "given before these images", false};
      if (!without.empty())
      {
        criterion.seen = "the description holds " + without;
        return criterion;
      }
      const std::string agent = FoldText(tags.contrastAgent);
      const bool isGiven = !tags.contrastAgent.empty() && FindWord(agent, rules.words.noContrastAgent).empty();
      criterion.passed = isGiven || !with.empty();
      criterion.seen = isGiven        ? "ContrastBolusAgent is filled in"
                       : with.empty() ? "absent"
                                      : "the description holds " + with;
      return criterion;
    }
  }

  void AppendEnhancedT1Criteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                                const RoutingRules& rules)
  {
    criteria.push_back(JudgeInversion(series, rules));
    criteria.push_back(JudgeAcquisitionContrast(series));
    criteria.push_back(JudgeContrastAgent(series, rules));
  }
}
