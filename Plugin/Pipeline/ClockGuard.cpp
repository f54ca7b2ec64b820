// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ClockGuard.h"

#include "Plugin/Support/Log.h"

#include <string>
#include <utility>

namespace H3K27M::Pipeline
{
  ClockGuard::ClockGuard(WorkState::WorkStore& store, const Support::IClock& clock,
                         std::chrono::milliseconds stableWait, std::chrono::milliseconds retryWait) :
    store_(store),
    watch_(clock),
    stableWait_(stableWait),
    retryWait_(retryWait)
  {
  }

  std::chrono::milliseconds ClockGuard::Check()
  {
    owed_ += watch_.Check();

    if (!hasBegun_)
    {
      store_.LimitWaits(stableWait_, retryWait_);
      hasBegun_ = true;
    }

    if (owed_.count() == 0)
    {
      return owed_;
    }

    const std::size_t waiting = store_.ShortenWaits(owed_);
    Support::Log::Warning("the clock was set back by " + std::to_string(owed_.count() / 1000) +
                          " s: " + std::to_string(waiting) + " studies and deliveries wait no longer for it");
    return std::exchange(owed_, std::chrono::milliseconds(0));
  }
}
