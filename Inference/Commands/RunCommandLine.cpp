// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/RunCommandLine.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Training/Runs/JsonFile.h"

namespace H3K27M::Commands
{
  namespace po = boost::program_options;

  void AddRunOptions(po::options_description& options, RunOptions& target)
  {
    options.add_options()("output", po::value(&target.output)->required(), "folder of the run to write")(
      "config", po::value(&target.config), "JSON file with any of the keys of a run; see Training/README.md")(
      "name", po::value(&target.name), "of the model; the folder's name when absent")(
      "resume", "do what is left of the run in that folder, or begin when there is none")(
      "json", "JSON lines on standard output instead of text");
    AddDeviceOptions(options);
  }

  void AddDeviceOptions(po::options_description& options)
  {
    options.add_options()("device", po::value<std::string>()->default_value("auto"),
                          "auto (a GPU when there is one), cpu or cuda")(
      "threads", po::value<int>()->default_value(0), "of the CPU; 0: as many as this process may use");
  }

  void AddRankOptions(po::options_description& options, RunOptions& target)
  {
    options.add_options()("rank-patience", po::value(&target.rankPatience)->default_value(600),
                          "of several processes (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT): seconds that one may\n"
                          "say nothing before the others stop");
  }

  std::unique_ptr<Ranks::RankGroup> JoinRanks(const RunOptions& options)
  {
    const auto environment = Ranks::RankEnvironment::Read();
    if (environment.size == 1)
    {
      return nullptr;
    }
    if (options.rankPatience == 0)
    {
      throw UsageError("--rank-patience must be at least 1");
    }
    Ranks::RankEnvironment::ChooseOwnGpu();
    return std::make_unique<Ranks::RankGroup>(environment, std::chrono::seconds(options.rankPatience));
  }

  void CompleteRunOptions(RunOptions& target, const po::variables_map& values)
  {
    target.resumes = values.count("resume") != 0;
    target.json = values.count("json") != 0;
    target.backend.device = ReadDeviceChoice(values);
    target.backend.threads = Predict::ProcessTuning::SettleThreads(ReadThreads(values));
    if (target.name.empty())
    {
      target.name = std::filesystem::absolute(target.output / ".").parent_path().filename().string();
    }
    Predict::ProcessTuning::KeepFreedMemory();
    torch::set_num_threads(static_cast<int>(target.backend.threads));
  }

  Runs::RunConfig ReadRunConfig(const RunOptions& options)
  {
    return Runs::RunConfig::Parse(options.config.empty() ? Json::Value(Json::objectValue)
                                                         : Runs::ReadJsonFile(options.config));
  }
}
