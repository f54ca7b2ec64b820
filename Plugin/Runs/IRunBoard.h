// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Runs
{
  // Where the archive's own users see what runs: Orthanc's list of jobs. Thread-safe.
  class IRunBoard
  {
  public:
    virtual ~IRunBoard() = default;

    // Shows a run that begins, from now until it ends. A run is shown once, however often it begins.
    virtual void Show(const std::string& runId) = 0;

    // The archive's identifier of what is shown; empty when the run has not begun since the archive was started.
    virtual std::string Find(const std::string& runId) const = 0;
  };
}
