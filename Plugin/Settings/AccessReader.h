// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/AccessSettings.h"
#include "Plugin/Support/JsonObjectReader.h"

namespace H3K27M::Settings
{
  // Section "Access". Throws Error(BadInput) naming the key that is wrong.
  AccessSettings ReadAccess(Support::JsonObjectReader reader);

  Json::Value ToJson(const AccessSettings& access);
}
