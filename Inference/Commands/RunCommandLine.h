// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/CommandLine.h"
#include "Inference/Predict/BackendOptions.h"
#include "Training/Runs/RunConfig.h"

#include <filesystem>
#include <string>

namespace H3K27M::Commands
{
  // What the commands that run an experiment have in common.
  struct RunOptions
  {
    std::filesystem::path output;     // folder of the run
    std::filesystem::path config;     // empty: the preset's values
    std::string name;                 // of the model that it makes; the folder's name when not given
    Predict::BackendOptions backend;  // its threads are settled by CompleteRunOptions()
    bool resumes = false;
    bool json = false;
  };

  // --output, --config, --name, --resume, --json, and --device and --threads.
  void AddRunOptions(boost::program_options::options_description& options, RunOptions& target);

  // --device and --threads alone.
  void AddDeviceOptions(boost::program_options::options_description& options, RunOptions& target);

  // Settles what is not said and sets up the process for training: threads, allocator. Throws UsageError, and
  // Error(BadInput) for an unknown device.
  void CompleteRunOptions(RunOptions& target, const boost::program_options::variables_map& values);

  // The configuration file, or the default preset.
  Runs::RunConfig ReadRunConfig(const RunOptions& options);
}
