// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

namespace H3K27M::Support
{
  // Notices when the time of day goes back, by a person or by a time server: it is held against a clock that never
  // does. A computer that slept, or a clock that is set on, is no matter. One thread.
  class ClockWatch
  {
  public:
    // `clock` must outlive this object.
    explicit ClockWatch(const IClock& clock);

    // By how much it was set back since the last call; 0: not, or by less than two seconds, which time servers do.
    std::chrono::milliseconds Check();

  private:
    const IClock& clock_;
    UnixMs time_;
    std::chrono::steady_clock::time_point moment_;
  };
}
