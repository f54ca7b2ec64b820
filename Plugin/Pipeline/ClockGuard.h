// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/ClockWatch.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>

namespace H3K27M::Pipeline
{
  // What waits in the work store waits for a time of day. When that is set back, it would wait for as long again: this
  // takes the difference off what waits, once it is noticed, and cuts at the start what no rule can have asked for,
  // since nobody watched the clock before. One thread.
  class ClockGuard
  {
  public:
    // On purpose nothing that is queued waits for longer than `stableWait`, and what failed for no longer than
    // `retryWait`. The references must outlive this object.
    ClockGuard(WorkState::WorkStore& store, const Support::IClock& clock, std::chrono::milliseconds stableWait,
               std::chrono::milliseconds retryWait);

    // To be called every few seconds; by how much the clock was set back. Throws Error(Unavailable) when the store
    // is away: the next call tries again.
    std::chrono::milliseconds Check();

  private:
    WorkState::WorkStore& store_;
    Support::ClockWatch watch_;
    std::chrono::milliseconds stableWait_;
    std::chrono::milliseconds retryWait_;
    std::chrono::milliseconds owed_{0};  // set back, and not told to the store yet
    bool hasBegun_ = false;
  };
}
