// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/ProcessLaunch.h"
#include "Plugin/Support/Mutex.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <string>
#include <vector>

namespace H3K27M::Engine
{
  // A command of the engine's program that is over in seconds and that somebody waits for: a process of its own, beside
  // the one that serves. One at a time of an object and its copies: each takes the memory of an engine. Thread-safe.
  class EngineCommand
  {
  public:
    static constexpr std::size_t MAX_ANSWER_BYTES = 16 << 20;

    // What a command writes its answer to, when its option `--fd` says so; its standard output goes to the log.
    static constexpr int ANSWER_DESCRIPTOR = 3;

    // Whoever waits holds one of the archive's few threads.
    static constexpr std::chrono::seconds TURN_LIMIT{5};

    // Of `launch` the arguments are left aside, the priority is low, and limits of processor time (a multiple of a
    // command's own limit) and of written files (64 MiB) are set. `turnLimit`: so long a command waits until the
    // one before it is over.
    explicit EngineCommand(ProcessLaunch launch, std::chrono::milliseconds turnLimit = TURN_LIMIT);

    // Returns what the engine wrote to ANSWER_DESCRIPTOR. Throws Error(BadInput) with the last line of its log when it
    // refuses, Error(Unavailable) with it when another time may help (memory is exhausted) and Error(Internal) for a
    // fault of its own; Error(Unavailable) too when it was ended by a signal, or did not end within the limit and was
    // ended for that, Error(Busy) when its turn did not come.
    std::string Run(const std::vector<std::string>& arguments, std::chrono::seconds limit) const;

    // Of this object and its copies: ends the command that runs, which then fails with Error(Unavailable), as do those
    // that wait for their turn and all that come later. Returns at once.
    void Interrupt() const;

  private:
    struct Turn
    {
      Support::Mutex mutex;
      std::condition_variable freed;
      bool isTaken GUARDED_BY(mutex) = false;
      bool isInterrupted GUARDED_BY(mutex) = false;
    };
    class Hold;

    ProcessLaunch launch_;
    std::chrono::milliseconds turnLimit_;
    std::shared_ptr<Turn> turn_ = std::make_shared<Turn>();  // copies take turns with each other
  };
}
