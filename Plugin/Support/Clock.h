// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstdint>

namespace H3K27M::Support
{
  // Milliseconds since 1970-01-01 UTC: what the work store keeps.
  using UnixMs = std::int64_t;

  inline constexpr std::int64_t SECONDS_PER_DAY = 86'400;

  // Time of day behind an interface, so that leases and back-off are tested without waiting.
  // Thread-safe. Durations inside one process (deadlines, heartbeats) use std::chrono::steady_clock directly.
  class IClock
  {
  public:
    virtual ~IClock() = default;

    virtual UnixMs NowMs() const = 0;
  };

  class SystemClock : public IClock
  {
  public:
    UnixMs NowMs() const override
    {
      return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
    }
  };
}
