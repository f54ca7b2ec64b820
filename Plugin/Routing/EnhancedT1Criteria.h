// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"

#include <vector>

namespace H3K27M::Routing
{
  // What makes a series T1-weighted after a contrast agent, beyond echo and repetition time: a spin echo or a gradient
  // echo, inverted or not (MP-RAGE, T1 FLAIR), and a contrast agent, by its tag or by the words of the description.
  void AppendEnhancedT1Criteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                                const RoutingRules& rules);

  // Whether description or protocol say that the agent was given; a tag alone may be copied from another series.
  bool SaysContrastAgent(const SeriesDescriptor& series, const RoutingWords& words);
}
