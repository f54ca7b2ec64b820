// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/ProcessLaunch.h"

#include <chrono>
#include <string>
#include <vector>

namespace H3K27M::Engine
{
  // A command of the engine's program that is over in seconds and that somebody waits for: a process of its own, beside
  // the one that serves. Thread-safe.
  class EngineCommand
  {
  public:
    static constexpr std::size_t MAX_ANSWER_BYTES = 16 << 20;

    // What a command writes its answer to, when its option `--fd` says so; its standard output goes to the log.
    static constexpr int ANSWER_DESCRIPTOR = 3;

    // Of `launch` the arguments are left aside, and the priority is normal.
    explicit EngineCommand(ProcessLaunch launch);

    // Returns what the engine wrote to ANSWER_DESCRIPTOR. Throws Error(BadInput) with the last line of its log when it
    // refuses, Error(Unavailable) when it was ended by a signal, or did not end within the limit and was ended for
    // that.
    std::string Run(const std::vector<std::string>& arguments, std::chrono::seconds limit) const;

  private:
    ProcessLaunch launch_;
  };
}
