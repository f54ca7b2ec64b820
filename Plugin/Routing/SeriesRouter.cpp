// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/SeriesRouter.h"

#include "Plugin/Routing/PhysicsCriteria.h"
#include "Plugin/Routing/WordCriteria.h"

#include <cstdio>
#include <utility>

namespace H3K27M::Routing
{
  namespace
  {
    const char* const VOLUME_WANTED = "slices of one size and orientation, evenly spaced but for gaps of whole slices";

    std::string Explain(const RoutingCriterion& criterion)
    {
      return criterion.name + ": " + criterion.seen + " (wanted: " + criterion.wanted + ")";
    }

    // Verdict and reasons follow from the criteria.
    RoutingDecision Conclude(std::vector<RoutingCriterion> criteria)
    {
      RoutingDecision decision;
      decision.criteria = std::move(criteria);
      for (const RoutingCriterion& criterion : decision.criteria)
      {
        if (!criterion.passed)
        {
          decision.reasons.push_back(Explain(criterion));
        }
      }
      decision.accepted = decision.reasons.empty();
      return decision;
    }

    RoutingCriterion JudgeVolume(const Volume::VolumeOutcome& outcome)
    {
      if (const auto* refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        return RoutingCriterion{"volume", refusal->text, VOLUME_WANTED, false, BINDING};
      }
      const Volume::AssembledVolume& volume = std::get<Volume::AssembledVolume>(outcome);
      const Volume::SourceSeries& series = volume.series;
      char text[160];
      std::snprintf(text, sizeof(text), "%zu x %u x %u voxels of %.6g x %.6g x %.6g mm", series.slices.size(),
                    series.rows, series.columns, series.sliceSpacingMm, series.pixelSpacingMm[0],
                    series.pixelSpacingMm[1]);
      std::string seen = text;
      for (const std::string& warning : volume.warnings)
      {
        seen += "; " + warning;
      }
      return RoutingCriterion{"volume", seen, VOLUME_WANTED, true, BINDING};
    }

    std::vector<RoutingCriterion> ListCriteria(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      std::vector<RoutingCriterion> criteria;
      AppendObjectCriteria(criteria, series, rules);
      AppendGeometryCriteria(criteria, series, rules);
      AppendPhysicsCriteria(criteria, series, rules);
      AppendWordCriteria(criteria, series, rules);
      return criteria;
    }
  }

  SeriesRouter::SeriesRouter(RoutingRules rules) :
    rules_(std::move(rules))
  {
  }

  RoutingDecision SeriesRouter::Decide(const SeriesDescriptor& series) const
  {
    return Conclude(ListCriteria(series, rules_));
  }

  RoutingDecision SeriesRouter::Decide(const SeriesDescriptor& series, const Volume::VolumeOutcome& volume) const
  {
    std::vector<RoutingCriterion> criteria = ListCriteria(series, rules_);
    criteria.push_back(JudgeVolume(volume));
    return Conclude(std::move(criteria));
  }

  RoutingDecision SeriesRouter::Overrule(RoutingDecision decision)
  {
    decision.reasons.clear();
    decision.overruled.clear();
    for (const RoutingCriterion& criterion : decision.criteria)
    {
      if (!criterion.passed)
      {
        (criterion.isBinding ? decision.reasons : decision.overruled).push_back(Explain(criterion));
      }
    }
    decision.accepted = decision.reasons.empty();
    return decision;
  }

  RoutingDecision SeriesRouter::Unreadable(const Volume::Refusal& refusal)
  {
    return Conclude(
      {RoutingCriterion{"file", refusal.text, "a readable DICOM file within the limits", false, BINDING}});
  }
}
