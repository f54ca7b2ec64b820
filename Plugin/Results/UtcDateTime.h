// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace H3K27M::Results
{
  // DT (PS3.5 section 6.2) with its offset from UTC, to the millisecond: "20260102040405.006+0100", so that times of
  // several sites can be compared. `ms` counts from 1970 and lies before the year 10000.
  std::string ToUtcDateTime(std::int64_t ms);

  // A DT that is complete to the second, of 1970 or later; without an offset it is taken for UTC. Empty when it is no
  // such text.
  std::optional<std::int64_t> ParseDateTime(const std::string& text);
}
