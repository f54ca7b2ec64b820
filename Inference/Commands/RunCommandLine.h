// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/CommandLine.h"
#include "Inference/Predict/BackendOptions.h"
#include "Training/Ranks/RankGroup.h"
#include "Training/Runs/RunConfig.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace H3K27M::Commands
{
  // What the commands that run an experiment have in common.
  struct RunOptions
  {
    std::filesystem::path output;     // folder of the run
    std::filesystem::path config;     // empty: the preset's values
    std::string name;                 // of the model that it makes; the folder's name when not given
    Predict::BackendOptions backend;  // its threads are read by CompleteRunOptions()
    bool resumes = false;
    bool json = false;
    std::uint32_t rankPatience = 600;  // seconds
  };

  // --output, --config, --name, --resume, --json, and --device and --threads.
  void AddRunOptions(boost::program_options::options_description& options, RunOptions& target);

  // --device and --threads alone.
  void AddDeviceOptions(boost::program_options::options_description& options);

  // --rank-patience, for commands that several processes may run together.
  void AddRankOptions(boost::program_options::options_description& options, RunOptions& target);

  // With the others that RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT speak of; null when this process is alone. To be
  // called before the first use of a GPU: each process of a machine gets its own. Throws what RankRing throws.
  std::unique_ptr<Ranks::RankGroup> JoinRanks(const RunOptions& options);

  // Settles what is not said and sets up the process for training: threads, allocator. Throws UsageError, and
  // Error(BadInput) for an unknown device or a number of threads that is out of range.
  void CompleteRunOptions(RunOptions& target, const boost::program_options::variables_map& values);

  // The configuration file, or the default preset.
  Runs::RunConfig ReadRunConfig(const RunOptions& options);
}
