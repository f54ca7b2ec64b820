// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/WorkState/Delivery.h"

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Delivery
{
  // Orthanc identifiers (instances and series) of what a rule sends of a result. Empty when the study, the report, a
  // segmentation or a saliency picture of the result is no longer there: it was deleted, or replaced by a later result.
  std::optional<std::vector<std::string>> FindResources(const Settings::DeliveryRuleSettings& rule,
                                                        const std::optional<Archive::StudySnapshot>& study,
                                                        const WorkState::Delivery& delivery);
}
