// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/CrossValidateCommand.h"

#include "Inference/Commands/UnitRun.h"
#include "Training/Ranks/RankEnvironment.h"
#include "Training/Runs/CrossValidation.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct CrossValidateRequest
    {
      RunOptions run;
      std::filesystem::path dataset;
      std::filesystem::path from;
      std::filesystem::path baseline;
    };

    CommandLine MakeCommandLine(CrossValidateRequest& options)
    {
      CommandLine line;
      line.usage = "cross-validate --output DIR --dataset DIR [OPTIONS]";
      line.description =
        "Divides the patients of the development split of a BIDS folder into folds (stratified by genotype and\n"
        "site, seeded), trains one network without each fold and measures it there, and measures all of them\n"
        "together, as an ensemble, on the external split. Writes a folder per fold, the ensemble (model/),\n"
        "metrics.json and a report, and prints the metrics as one JSON object. Seeded; a run that was stopped goes\n"
        "on with --resume. Research use only.";
      AddRunOptions(line.options, options.run);
      line.options.add_options()("dataset", po::value(&options.dataset)->required(),
                                 "BIDS folder with participants.tsv (h3k27m_status) and masks")(
        "from", po::value(&options.from),
        "model (of an ensemble its first network) or encoder to start each fold from, of the same width; one that has\n"
        "seen a patient of the data is refused")("baseline", po::value(&options.baseline),
                                                 "model to be compared with on the external patients, for promotion");
      AddUnitOptions(line.options);
      return line;
    }

    Runs::CrossValidationRequest MakeRequest(const CrossValidateRequest& options, const Runs::RunConfig& config,
                                             const Runs::FoldedData& data)
    {
      Runs::CrossValidationRequest request;
      request.config = config;
      request.folder = options.run.output;
      request.name = options.run.name;
      request.backend = options.run.backend;
      request.baseline = options.baseline;
      if (!options.from.empty())
      {
        request.StartFrom(options.from, data);
      }
      return request;
    }
  }

  int RunCrossValidate(const std::vector<std::string>& arguments)
  {
    CrossValidateRequest options;
    const auto values = MakeCommandLine(options).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    Ranks::RankEnvironment::RequireOne("cross-validate");
    CompleteRunOptions(options.run, *values);
    const StandardOutput output;
    RunEvents events(output, options.run.json);
    const Runs::RunConfig config = ReadRunConfig(options.run);
    events.ShowLife(options.run.output, options.run.resumes && values->count("check") == 0);
    Runs::FoldedData data(options.dataset, config, options.run.backend.threads);
    Runs::CrossValidationRequest request = MakeRequest(options, config, data);
    if (values->count("check") != 0)
    {
      output.WriteLine(Protocol::WriteCompactJson(data.MakeManifest()));
      return ExitCode::OK;
    }
    request.resumes = MayFindFolder(options.run, *values);
    Runs::CrossValidation validation(data, std::move(request), events.GetSink());
    return PerformUnits(validation, options.run, *values, output, events);
  }
}
