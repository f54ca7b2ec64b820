// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/Settings.h"

#include <json/value.h>

namespace H3K27M::Settings
{
  // Reads the section "H3K27M" (null: all defaults). Throws Error(BadInput) that names the key which is unknown (with
  // the nearest known one), of the wrong type, out of range or at odds with another.
  Settings ReadSettings(const Json::Value& section);

  // Every option under its key, as ReadSettings() takes it;
  // options that are not set are null. Passwords are replaced: fit for /status and the log.
  Json::Value ToJson(const Settings& settings);
}
