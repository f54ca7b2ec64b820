// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/WorkState/Attempt.h"
#include "Plugin/WorkState/Delivery.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <json/value.h>

#include <cstddef>
#include <span>

namespace H3K27M::Rest
{
  // What the work store keeps of one study.
  struct HistorySources
  {
    std::span<const WorkState::Attempt> attempts;
    std::span<const WorkState::AuditEntry> audit;
    std::span<const WorkState::Delivery> deliveries{};
    std::span<const Settings::DeliveryRuleSettings> rules{};  // that they were ordered by
  };

  // What happened to a case, the newest first and at most `limit`: how its attempts ended, what people did of it, and
  // where it was sent on to. What was refused or failed is left to the audit, as is who asked for what stands here by
  // its content. Of a delivery that a person has sent again only the last round is known.
  Json::Value ToHistoryJson(const HistorySources& sources, std::size_t limit);
}
