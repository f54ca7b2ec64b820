// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Runs/RunFolders.h"

#include <json/value.h>

#include <chrono>
#include <string>

namespace H3K27M::Runs
{
  // Tells an engine that works from one that is stopped: as long as the process of a run lives, a thread of its own
  // writes a new `alive_at` into the progress file each second, from before the data are read until the process ends.
  // What it says is compared with what it said at the look before, never with a clock: that of this machine may be set
  // meanwhile. Where the disk of the runs answers no more, the look waits for it as the engine does. One thread.
  class LifeSign
  {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // From `start` on; what the file holds already is of an earlier attempt. `folders` must outlive this object.
    LifeSign(const RunFolders& folders, std::string runId, std::chrono::milliseconds limit, TimePoint start);

    // Looks at the file: whether it has said nothing new for the limit. To be asked again and again: a time in which
    // nobody has looked, because Orthanc was stopped together with its engine, counts for a moment only.
    bool IsOverdue(TimePoint now);

  private:
    Json::Value Read() const;

    const RunFolders& folders_;
    const std::string runId_;
    const std::chrono::milliseconds limit_;
    TimePoint looked_;
    std::chrono::steady_clock::duration silence_{};
    Json::Value said_;
  };
}
