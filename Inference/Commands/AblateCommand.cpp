// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/AblateCommand.h"

#include "Inference/Commands/UnitRun.h"
#include "Training/Ranks/RankEnvironment.h"
#include "Training/Runs/Ablation.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct Options
    {
      RunOptions run;
      std::filesystem::path dataset;
      std::filesystem::path encoder;
    };

    CommandLine MakeCommandLine(Options& options)
    {
      CommandLine line;
      line.usage = "ablate --output DIR --dataset DIR [OPTIONS]";
      line.description =
        "The paper's experiment: six models (classification, parallel, fusion; from scratch, or pre-trained by masked\n"
        "autoencoding), each cross-validated over the same folds and measured as an ensemble on the external split,\n"
        "then compared pairwise with the sixth. Without --encoder each fold pre-trains its own on the images of its\n"
        "training patients. Units are independent: `ablate --unit I` in a Slurm array or a Kubernetes Job, encoders\n"
        "first, then `merge`. Research use only.";
      AddRunOptions(line.options, options.run);
      line.options.add_options()("dataset", po::value(&options.dataset)->required(),
                                 "BIDS folder with participants.tsv (h3k27m_status) and masks")(
        "encoder", po::value(&options.encoder),
        "pre-trained encoder of models 2, 5 and 6, of the same width; one that has seen a patient of the data is\n"
        "refused");
      AddUnitOptions(line.options);
      return line;
    }
  }

  int RunAblate(const std::vector<std::string>& arguments)
  {
    Options options;
    const auto values = MakeCommandLine(options).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    Ranks::RankEnvironment::RequireOne("ablate");
    CompleteRunOptions(options.run, *values);
    const StandardOutput output;
    RunEvents events(output, options.run.json);
    const Runs::RunConfig config = ReadRunConfig(options.run);
    events.ShowLife(options.run.output, options.run.resumes && values->count("check") == 0);
    Runs::FoldedData data(options.dataset, config, options.run.backend.threads);
    if (values->count("check") != 0)
    {
      Runs::ReadEncoder(options.encoder, data);
      output.WriteLine(Protocol::WriteCompactJson(data.MakeManifest()));
      return ExitCode::OK;
    }
    Runs::AblationRequest request{config,          options.run.output,  options.run.name,
                                  options.encoder, options.run.backend, MayFindFolder(options.run, *values)};
    Runs::Ablation ablation(data, std::move(request), events.GetSink());
    return PerformUnits(ablation, options.run, *values, output, events);
  }
}
