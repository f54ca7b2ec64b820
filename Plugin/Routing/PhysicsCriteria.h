// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"

#include <vector>

namespace H3K27M::Routing
{
  // What kind of object it is, how its slices lie and how it was acquired: the criteria that need no words.
  void AppendObjectCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                            const RoutingRules& rules);
  void AppendGeometryCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                              const RoutingRules& rules);
  void AppendPhysicsCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                             const RoutingRules& rules);
}
