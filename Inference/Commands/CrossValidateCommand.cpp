// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/CrossValidateCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/EventPrinter.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Runs/CrossValidation.h"
#include "Training/Runs/JsonFile.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct Options
    {
      Runs::CrossValidationRequest request;
      std::filesystem::path config;
    };

    CommandLine MakeCommandLine(Options& options)
    {
      CommandLine line;
      line.usage = "cross-validate --output DIR --dataset DIR [OPTIONS]";
      line.description =
        "Divides the patients of the development split of a BIDS folder into folds (stratified by genotype and\n"
        "site, seeded), trains one network without each fold and measures it there, and measures all of them\n"
        "together, as an ensemble, on the external split. Writes a folder per fold and metrics.json, and prints the\n"
        "metrics as one JSON object. Seeded; a run that was stopped goes on with --resume. Research use only.";
      line.options.add_options()("output", po::value(&options.request.folder)->required(),
                                 "folder of the run to write")(
        "dataset", po::value(&options.request.dataset)->required(),
        "BIDS folder with participants.tsv (h3k27m_status) and masks")(
        "config", po::value(&options.config), "JSON file with any of the keys of a run; see Training/README.md")(
        "resume", "do what is left of the run in that folder, or begin when there is none")(
        "threads", po::value(&options.request.threads)->default_value(0),
        "0: as many as this process may use")("json", "JSON lines on standard output instead of text");
      return line;
    }
  }

  int RunCrossValidate(const std::vector<std::string>& arguments)
  {
    Options options;
    const auto values = MakeCommandLine(options).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const Json::Value config =
      options.config.empty() ? Json::Value(Json::objectValue) : Runs::ReadJsonFile(options.config);
    options.request.config = Runs::RunConfig::Parse(config);
    options.request.resumes = values->count("resume") != 0;
    if (options.request.threads == 0)
    {
      options.request.threads = Predict::ProcessTuning::GetUsableProcessors();
    }
    const StandardOutput output;
    const EventPrinter printer(output, values->count("json") != 0);
    Predict::ProcessTuning::KeepFreedMemory();
    torch::set_num_threads(static_cast<int>(options.request.threads));
    Runs::CrossValidation validation(std::move(options.request),
                                     [&printer](const Json::Value& event) { printer.Print(event); });
    output.WriteLine(Protocol::WriteCompactJson(validation.Run()));
    return ExitCode::OK;
  }
}
