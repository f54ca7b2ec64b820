// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/ProcessLaunch.h"

#include <chrono>

namespace H3K27M::Engine
{
  struct SupervisorOptions
  {
    ProcessLaunch launch;                          // program and arguments; the supervisor appends "--fd N"
    std::chrono::milliseconds helloLimit{180000};  // model loading and self-test
    std::chrono::milliseconds heartbeatLimit{15000};
    std::chrono::milliseconds progressLimit{120000};  // busy, and not one batch further
    std::chrono::milliseconds firstDelay{1000};       // doubled after each failure in a row
    std::chrono::milliseconds maxDelay{60000};
    std::chrono::milliseconds healthySpell{60000};   // served this long, or a study: failures are forgotten
    unsigned maxFailuresInARow = 6;                  // then GivenUp (RestartPlan), ...
    std::chrono::milliseconds givenUpDelay{900000};  // ... for so long, doubled each time
    std::chrono::milliseconds maxGivenUpDelay{3600000};
    std::chrono::milliseconds askLimit{3000};        // stop: closed socket, ...
    std::chrono::milliseconds terminateLimit{3000};  // ... SIGTERM, then SIGKILL
  };
}
