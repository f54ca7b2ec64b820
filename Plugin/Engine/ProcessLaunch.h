// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Engine
{
  enum class ProcessPriority
  {
    Normal,
    Low,  // nice 10, and OpenMP soon waits asleep
    Idle  // SCHED_IDLE, only what nobody else wants; OpenMP soon waits asleep
  };

  // How a child is started. A plain value.
  struct ProcessLaunch
  {
    std::string program;                 // path; never searched in PATH
    std::vector<std::string> arguments;  // without the program's name
    ProcessPriority priority = ProcessPriority::Low;
    int oomScoreAdjustment = 500;          // the kernel ends the child before the PACS; only ever raised
    std::uint64_t memoryBytes = 0;         // beyond it allocations fail (RLIMIT_DATA); 0: no limit of its own
    std::uint64_t cpuSeconds = 0;          // of all its threads; beyond it the child is ended (RLIMIT_CPU); 0: no limit
    std::uint64_t fileBytes = 0;           // of each file that it writes (RLIMIT_FSIZE); 0: no limit of its own
    std::vector<std::string> environment;  // "NAME=value", added to the few variables that are passed on
  };
}
