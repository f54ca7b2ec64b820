// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"

#include <json/value.h>

namespace H3K27M::OrthancBinding
{
  // Holds the rules against Orthanc's own configuration: each modality, peer and DICOMweb server must be named there
  // (those that Orthanc keeps in its database are known when they are first used), HTTPS must be verified, and ended
  // jobs must stay visible for a while. Throws Error(BadInput) naming the key.
  void RequireDeliveryTargets(const Json::Value& core, const Settings::DeliverySettings& delivery);
}
