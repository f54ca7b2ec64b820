// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>

namespace H3K27M::Predict
{
  // Runs from its construction on.
  class Stopwatch
  {
  public:
    double GetMilliseconds() const
    {
      return std::chrono::duration<double, std::milli>(Clock::now() - begin_).count();
    }

    // Since the last call, or the construction.
    double TakeMilliseconds()
    {
      const double spent = GetMilliseconds();
      begin_ = Clock::now();
      return spent;
    }

  private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point begin_ = Clock::now();
  };
}
