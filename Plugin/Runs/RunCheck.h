// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/DatasetSnapshot.h"
#include "Plugin/Engine/EngineCommand.h"
#include "Plugin/Models/ModelCatalog.h"
#include "Plugin/Runs/RunSpec.h"
#include "Plugin/Support/Mutex.h"

#include <json/value.h>

#include <filesystem>
#include <string>

namespace H3K27M::Runs
{
  // Judges what is asked for before it is queued: whoever asks is told at once, and not when the run's turn comes.
  // Thread-safe.
  class RunCheck
  {
  public:
    // `launch`: the engine's program. The references must outlive this object.
    RunCheck(const Datasets::DatasetSnapshot& datasets, const Models::ModelCatalog& models,
             const Engine::ProcessLaunch& launch);

    // Whether the engine takes this configuration, and with it the model or encoder to start from: it answers with all
    // faults at once. Blocks for about a second; at most 5 s until its turn comes, and 60 s for the engine's answer.
    // Throws Error(BadInput) with the faults, Error(NotFound) for a model or data set that is not there, Error(Busy)
    // when its turn does not come, Error(Unavailable) when the engine does not answer.
    void Check(const RunSpec& spec) const;

    // What each preset stands for: {recommended: {...}, paper: {...}} with every key of a run, as the engine says it.
    // Asked for once; blocks and throws as Check() until it is known.
    Json::Value GetPresets() const;

    // For good: Check() fails from now on, that of a request which waits for it too. Returns at once.
    void Interrupt() const;

  private:
    std::filesystem::path FindModel(const std::string& name) const;

    const Datasets::DatasetSnapshot& datasets_;
    const Models::ModelCatalog& models_;
    const Engine::EngineCommand command_;
    mutable Support::Mutex mutex_;
    mutable Json::Value presets_ GUARDED_BY(mutex_);  // null: not known yet
  };
}
