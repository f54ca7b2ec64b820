// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"

#include <vector>

namespace H3K27M::Routing
{
  // What the descriptions say, which can only speak against a series: an empty one says nothing.
  void AppendWordCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                          const RoutingRules& rules);
}
