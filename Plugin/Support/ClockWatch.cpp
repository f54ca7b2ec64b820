// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/ClockWatch.h"

#include <utility>

namespace H3K27M::Support
{
  namespace
  {
    constexpr std::chrono::seconds TOLERANCE(2);
  }

  ClockWatch::ClockWatch(const IClock& clock) :
    clock_(clock),
    time_(clock.NowMs()),
    moment_(std::chrono::steady_clock::now())
  {
  }

  std::chrono::milliseconds ClockWatch::Check()
  {
    const UnixMs time = clock_.NowMs();
    const auto moment = std::chrono::steady_clock::now();
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(moment - std::exchange(moment_, moment));
    const std::chrono::milliseconds back = passed - std::chrono::milliseconds(time - std::exchange(time_, time));
    return back > TOLERANCE ? back : std::chrono::milliseconds(0);
  }
}
