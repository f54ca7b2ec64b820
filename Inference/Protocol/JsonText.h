// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace H3K27M::Protocol
{
  // Parses strict JSON (no comments, no duplicate keys, no trailing text, at most 32 levels deep): the one reader for
  // text that comes from outside. Throws Error(BadInput) with line and column of the first fault.
  Json::Value ParseJson(std::string_view text);

  // Throws Error(BadInput) when a JSON text has more values (and names) than `most`: JsonCpp takes some fifty to a
  // hundred bytes for each, so a text of megabytes could take gigabytes. For text whose length is not bounded well.
  void RequireFewValues(std::string_view json, std::size_t most);

  // One line, keys sorted, doubles with 17 digits: equal values give equal bytes.
  std::string WriteCompactJson(const Json::Value& value);
}
