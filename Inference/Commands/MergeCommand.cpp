// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/MergeCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/EventPrinter.h"
#include "Inference/Commands/RunCommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Ranks/RankEnvironment.h"
#include "Training/Reports/RunReport.h"
#include "Training/Runs/Ablation.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct MergeRequest
    {
      RunOptions run;
      std::filesystem::path dataset;
      std::filesystem::path encoder;
      std::filesystem::path baseline;
    };

    CommandLine MakeCommandLine(MergeRequest& options)
    {
      CommandLine line;
      line.usage = "merge --output DIR --dataset DIR [OPTIONS]";
      line.description =
        "Puts the units of a cross-validation or an ablation together that were computed apart (`--unit`, on one\n"
        "machine or on many that share the folder): ensembles, metrics, comparisons, report. Names what is missing.\n"
        "Research use only.";
      AddRunOptions(line.options, options.run);
      line.options.add_options()("dataset", po::value(&options.dataset)->required(), "the run's BIDS folder")(
        "encoder", po::value(&options.encoder), "the run's encoder, where one was given")(
        "baseline", po::value(&options.baseline),
        "of a cross-validation: model to be compared with on the external patients, for promotion");
      return line;
    }

    Json::Value Finish(const MergeRequest& options, const std::string& kind, const Runs::RunConfig& config,
                       const Runs::EventSink& onEvent)
    {
      Runs::FoldedData data(options.dataset, config, options.run.backend.threads);
      if (kind == "ablate")
      {
        return Runs::Ablation(
                 data, {config, options.run.output, options.run.name, options.encoder, options.run.backend, true},
                 onEvent)
          .Finish();
      }
      Runs::CrossValidationRequest request;
      request.config = config;
      request.folder = options.run.output;
      request.name = options.run.name;
      request.backend = options.run.backend;
      request.resumes = true;
      request.baseline = options.baseline;
      request.origin = Runs::ReadJsonFile(options.run.output / Runs::MANIFEST_FILE)["from"];
      return Runs::CrossValidation(data, std::move(request), onEvent).Finish();
    }
  }

  int RunMerge(const std::vector<std::string>& arguments)
  {
    MergeRequest options;
    const auto values = MakeCommandLine(options).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    Ranks::RankEnvironment::RequireOne("merge");
    CompleteRunOptions(options.run, *values);
    const StandardOutput output;
    const EventPrinter printer(output, options.run.json);
    Json::Value config = Runs::ReadJsonFile(options.run.output / Runs::CONFIG_FILE);
    const std::string kind = config["kind"].asString();
    if (kind != "ablate" && kind != "cross-validate")
    {
      throw Error(ErrorCode::BadInput, options.run.output.string() + " holds no cross-validation and no ablation");
    }
    if (kind == "ablate" && !options.baseline.empty())
    {
      throw UsageError("--baseline is of a cross-validation: an ablation has no candidate for promotion");
    }
    config.removeMember("kind");
    const Json::Value metrics = Finish(options, kind, Runs::RunConfig::Parse(config),
                                       [&printer](const Json::Value& event) { printer.Print(event); });
    Reports::WriteRunReport(options.run.output);
    output.WriteLine(Protocol::WriteCompactJson(metrics));
    return ExitCode::OK;
  }
}
