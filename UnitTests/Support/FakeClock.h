// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <atomic>

namespace H3K27M::Testing
{
  // Stands still until it is told to move. Thread-safe.
  class FakeClock : public Support::IClock
  {
  public:
    Support::UnixMs NowMs() const override
    {
      return now_;
    }

    void Advance(std::chrono::milliseconds by)
    {
      now_ += by.count();
    }

  private:
    std::atomic<Support::UnixMs> now_ = 1790000000000;
  };
}
