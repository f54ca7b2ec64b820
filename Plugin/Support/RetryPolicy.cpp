// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/RetryPolicy.h"

#include <algorithm>

namespace H3K27M::Support
{
  std::chrono::milliseconds RetryPolicy::GetDelay(unsigned attempts) const
  {
    std::chrono::milliseconds delay = std::min(firstDelay, maxDelay);

    for (unsigned i = 1; i < attempts && delay < maxDelay; i++)
    {
      // Without a first delay doubling leads nowhere.
      if (delay == std::chrono::milliseconds(0))
      {
        break;
      }

      delay = std::min(2 * delay, maxDelay);
    }

    return delay;
  }
}
