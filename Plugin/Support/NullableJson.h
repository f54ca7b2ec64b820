// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Support
{
  // How REST says "nothing": null, never an empty text and never 1970.
  Json::Value OrNull(const std::string& text);
  Json::Value OrNull(const std::optional<double>& value);

  // RFC 3339, null for 0, which is "never".
  Json::Value TimeOrNull(UnixMs ms);
}
