// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>

namespace H3K27M::Runs
{
  // How long a run has taken in all its processes: this one since the construction, those before it until the
  // checkpoint that this one goes on from. What was computed after that checkpoint, and lost, does not count.
  class RunClock
  {
  public:
    // `earlierSeconds`: Checkpoint::GetSeconds().
    void GoOnFrom(double earlierSeconds)
    {
      earlierSeconds_ = earlierSeconds;
    }

    double GetSeconds() const
    {
      return earlierSeconds_ + std::chrono::duration<double>(Clock::now() - begin_).count();
    }

  private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point begin_ = Clock::now();
    double earlierSeconds_ = 0;
  };
}
