// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/EngineCommand.h"
#include "Plugin/Runs/RunFolders.h"
#include "Plugin/WorkState/Run.h"

#include <json/value.h>

namespace H3K27M::Runs
{
  // Two finished runs side by side: the engine compares what they left (`h3k27m compare`), because statistics are its
  // trade; which run is which is said here. Thread-safe.
  class RunComparison
  {
  public:
    // `folders` must outlive this object.
    RunComparison(const RunFolders& folders, Engine::EngineCommand engine);

    // {a: {id, kind, dataset}, b: {...}, config, data, measured, remarks}; see Training/Reports/RunComparison.h. Blocks
    // for a few seconds. Throws Error(Conflict) naming a run that is not done, Error(BadInput) for a snapshot, which
    // trains and measures nothing, or twice the same run, Error(Busy) when other comparisons leave it no turn for some
    // seconds, Error(Unavailable) when the engine does not answer.
    Json::Value Compare(const WorkState::Run& a, const WorkState::Run& b) const;

  private:
    const RunFolders& folders_;
    Engine::EngineCommand engine_;
  };
}
