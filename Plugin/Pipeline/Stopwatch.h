// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>

namespace H3K27M::Pipeline
{
  // Wall time of the stages of one study, in milliseconds. One thread.
  class Stopwatch
  {
  public:
    // Since construction or the last Lap().
    double Lap()
    {
      const auto now = std::chrono::steady_clock::now();
      const double ms = std::chrono::duration<double, std::milli>(now - lap_).count();
      lap_ = now;
      return ms;
    }

    // Since construction.
    double Total() const
    {
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point lap_ = start_;
  };
}
