// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/Support/JsonObjectReader.h"

namespace H3K27M::Settings
{
  // Reads the section "Delivery". Throws Error(BadInput) that names the key.
  DeliverySettings ReadDelivery(Support::JsonObjectReader reader);

  // As ReadDelivery() takes it, with secrets replaced.
  Json::Value DescribeDelivery(const DeliverySettings& delivery);
}
