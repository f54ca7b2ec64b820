// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/WorkState/Delivery.h"

#include <json/value.h>

#include <span>
#include <string>

namespace H3K27M::Delivery
{
  // "modality NAME", "webhook https://host": of an address no more than the host, because the rest may be secret.
  std::string DescribeTarget(const Settings::DeliveryRuleSettings& rule);

  // Schema `Delivery` in Resources/openapi.json; `target` is null where no rule of that name is configured here.
  Json::Value ToJson(const WorkState::Delivery& delivery, std::span<const Settings::DeliveryRuleSettings> rules);
}
