// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>

namespace H3K27M::Support
{
  // The n-th failure waits firstDelay * 2^(n-1), at most maxDelay.
  struct RetryPolicy
  {
    unsigned maxAttempts = 3;
    std::chrono::milliseconds firstDelay{30000};
    std::chrono::milliseconds maxDelay{3600000};

    // After `attempts` attempts, counted from 1.
    std::chrono::milliseconds GetDelay(unsigned attempts) const;
  };
}
