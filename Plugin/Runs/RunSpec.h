// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/DatasetSubject.h"

#include <json/value.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // What POST runs asks for: {kind, config, dataset, contents, contrast, same_patient, from, encoder, phantoms}.
  // `config` holds the keys of a run (Training/Runs/RunConfig.h), which the engine judges; its `contrast` and this
  // one's are one.
  struct RunSpec
  {
    std::string kind;               // snapshot, pretrain, fine-tune, cross-validate, ablate, evaluate
    Json::Value config;             // an object
    std::string dataset;            // id of a snapshot; empty: one is made
    Datasets::DatasetRequest data;  // of the one that is made
    std::string from;               // model to start from, or to evaluate; empty: random weights
    std::string encoder;            // of an ablation; empty: each fold pre-trains its own
    unsigned phantoms = 0;          // pretrain: on so many synthetic volumes instead of a data set

    // Throws Error(BadInput) naming what is wrong.
    static RunSpec Parse(const Json::Value& json);

    Json::Value ToJson() const;

    // Whether the engine is needed, and a data set.
    bool NeedsEngine() const
    {
      return kind != "snapshot";
    }

    bool NeedsDataset() const
    {
      return kind != "pretrain" || phantoms == 0;
    }

    // Of networks that learn: whether no model and no encoder stands at their beginning.
    bool BeginsFromScratch() const
    {
      return (kind == "fine-tune" || kind == "cross-validate") && from.empty();
    }
  };

  // Where everything of a run stands, and who else takes part; by path.
  struct RunPlaces
  {
    std::filesystem::path folder;   // of the run
    std::filesystem::path dataset;  // of the snapshot; empty when none is needed
    std::filesystem::path from;
    std::filesystem::path encoder;
    std::filesystem::path baseline;  // the model in force
    std::filesystem::path config;    // file that holds RunSpec::config
  };

  // What the engine may compute with.
  struct RunHardware
  {
    std::string device = "auto";  // auto, cpu, cuda: as triage's
    unsigned threads = 0;         // of the CPU; 0: as many as the engine may use
  };

  // The engine's command line that judges the configuration, and whether it fits the models that the run is to start
  // from. Of `places` only those are needed.
  std::vector<std::string> MakeCheckArguments(const RunSpec& spec, const RunPlaces& places);

  // The engine's command line. A run goes on from its last checkpoint when its folder holds one.
  std::vector<std::string> MakeArguments(const RunSpec& spec, const RunPlaces& places, const std::string& name,
                                         const RunHardware& hardware);
}
