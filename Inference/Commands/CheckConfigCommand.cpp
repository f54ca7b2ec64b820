// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/CheckConfigCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/StartFit.h"

#include <unistd.h>

#include <filesystem>

namespace H3K27M::Commands
{
  namespace
  {
    Weights::ModelCard LoadCard(const boost::program_options::variable_value& folder)
    {
      return Weights::ModelCard::Load(std::filesystem::path(folder.as<std::string>()) /
                                      Protocol::StoredNames::CARD_FILE);
    }
  }

  int RunCheckConfig(const std::vector<std::string>& arguments)
  {
    namespace po = boost::program_options;
    std::string config;
    int descriptor = STDOUT_FILENO;
    CommandLine line;
    line.usage = "check-config JSON [OPTIONS]";
    line.description = "Prints a run's configuration with every key, or all that is wrong with it in one line.";
    line.options.add_options()("config", po::value(&config)->required(), "a JSON object with any of the keys of a run")(
      "from-scratch", "of a run that starts from no model and no encoder: refuse what needs one")(
      "from", po::value<std::string>(), "model folder that the run is to start from: refuse what does not fit it")(
      "encoder", po::value<std::string>(), "the same of an ablation's encoder")(
      "fd", po::value(&descriptor), "number of an open descriptor to write to instead of standard output");
    line.positional.add("config", 1);
    const auto values = line.Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output(descriptor);
    const Runs::RunConfig settings = Runs::RunConfig::Parse(Protocol::ParseJson(config));
    if (values->count("from-scratch") != 0)
    {
      settings.RefuseFrozenEncoder();
    }
    if (values->count("from") != 0)
    {
      Runs::RequireFit(LoadCard((*values)["from"]), settings.network);
    }
    if (values->count("encoder") != 0)
    {
      Runs::RequireEncoderFit(LoadCard((*values)["encoder"]), settings.network);
    }
    output.WriteLine(Protocol::WriteCompactJson(settings.ToJson()));
    return ExitCode::OK;
  }
}
