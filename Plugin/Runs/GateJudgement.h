// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/EngineCommand.h"
#include "Plugin/Models/ModelChoice.h"
#include "Plugin/Runs/RunFolders.h"
#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // The promotion gate of a model of a finished run, judged once more after another model came into force: the engine
  // compares the scores of the same patients that runs of both have on record (`h3k27m gate`); which runs those may be
  // is said here. Thread-safe.
  class GateJudgement
  {
  public:
    // The references must outlive this object.
    GateJudgement(WorkState::WorkStore& store, const Models::ModelCatalog& models, Models::ModelChoice& choice,
                  const RunFolders& folders, Engine::EngineCommand engine);

    // Against the model in force. Returns the verdict (Training/Runs/RecordedGate.h), passed or not, which counts from
    // now on. Blocks for a second or two. Throws Error(NotFound); Error(BadInput) for a model that is none to promote;
    // Error(Conflict) for the one in force, for one that no run of this server made, for one whose own run has judged
    // it against the one in force, and with the reason when the records allow no comparison, or none that judges while
    // a verdict against the one in force stands: then nothing has changed. And what EngineCommand::Run() throws.
    Json::Value Judge(const std::string& name) const;

  private:
    std::vector<std::filesystem::path> ListRecords(const Models::ModelEntry& model) const;
    void AddModel(std::vector<std::string>& arguments, const std::string& option,
                  const Models::ModelEntry& model) const;

    WorkState::WorkStore& store_;
    const Models::ModelCatalog& models_;
    Models::ModelChoice& choice_;
    const RunFolders& folders_;
    Engine::EngineCommand engine_;
  };
}
