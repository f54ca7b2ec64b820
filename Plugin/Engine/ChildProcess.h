// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/Descriptor.h"
#include "Plugin/Engine/LineRelay.h"
#include "Plugin/Engine/ProcessLaunch.h"
#include "Plugin/Engine/ScratchFolder.h"

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace H3K27M::Engine
{
  // A running child, started by fork and exec from a process with many threads: between the two only async-signal-safe
  // calls are made. The child has one descriptor of ours (CHILD_DESCRIPTOR), nothing on standard input, its standard
  // output and error relayed to the log line by line, default signals, few environment variables, its own process
  // group and folder for temporary files, the limits of its ProcessLaunch and one of open files, a raised
  // oom_score_adj, and is killed when the thread that made it ends: make it from a thread that lives long. Used by one
  // thread; GetPid() from any.
  class ChildProcess
  {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    static constexpr int CHILD_DESCRIPTOR = 3;
    static constexpr std::chrono::seconds KILL_LIMIT{20};

    struct Ending
    {
      std::optional<int> exitCode;  // empty: a signal ended it, or nobody knows
      std::string text;             // "exit code 3: last line of its log", "signal 9 (Killed)"
    };

    // `inherited` stays the caller's, who should close it afterwards: only then does the child's end show as an end of
    // the stream. Throws Error(Unavailable) naming the program when it cannot be started.
    ChildProcess(const ProcessLaunch& launch, int inherited);

    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Kills and reaps it when it still runs, as Stop() does.
    ~ChildProcess();

    pid_t GetPid() const noexcept
    {
      return pid_;
    }

    // How it ended; empty while it still runs at `limit`.
    std::optional<Ending> WaitForExit(TimePoint limit);

    // Waits for it to leave by itself (its socket is closed), then SIGTERM, then SIGKILL. Returns how it ended, in
    // words. A process that waits for a disk does not end before the disk answers: after the last limit it is left to
    // itself, and reaped when some later child is started.
    std::string Stop(std::chrono::milliseconds askLimit, std::chrono::milliseconds terminateLimit,
                     std::chrono::milliseconds killLimit = KILL_LIMIT);

  private:
    bool Reap();
    void Kill(int signal) noexcept;
    std::string KillWithin(std::chrono::milliseconds limit);

    std::unique_ptr<ScratchFolder> scratch_;  // removed when the child is gone
    pid_t pid_ = -1;
    Descriptor pidDescriptor_;  // readable when the child ended; absent on old kernels
    std::unique_ptr<LineRelay> relay_;
    std::optional<Ending> ending_;
  };
}
