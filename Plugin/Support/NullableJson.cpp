// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/NullableJson.h"

#include "Plugin/Support/TimeText.h"

namespace H3K27M::Support
{
  Json::Value OrNull(const std::string& text)
  {
    return text.empty() ? Json::Value() : Json::Value(text);
  }

  Json::Value OrNull(const std::optional<double>& value)
  {
    return value ? Json::Value(*value) : Json::Value();
  }

  Json::Value TimeOrNull(UnixMs ms)
  {
    return ms == 0 ? Json::Value() : Json::Value(ToRfc3339(ms));
  }
}
