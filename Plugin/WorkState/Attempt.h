// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Task.h"

#include <string>

namespace H3K27M::WorkState
{
  // How one attempt at a study ended. Stays when the study is computed anew, and goes with it.
  struct Attempt
  {
    UnixMs endedAt = 0;
    unsigned number = 0;  // of the attempts since the content changed
    TaskState state = TaskState::Done;
    std::string details;  // Done: JSON, TaskResult::summary; otherwise the reason
  };
}
