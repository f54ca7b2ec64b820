// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/PretrainCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/RunCommandLine.h"
#include "Inference/Commands/RunEvents.h"
#include "Inference/Commands/StandardOutput.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/NiftiFolderSource.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Runs/EncoderTraining.h"
#include "Training/Runs/LoadSlices.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct PretrainRequest
    {
      RunOptions run;
      std::filesystem::path images;
      std::filesystem::path runFolder;  // empty: OUTPUT/run
      Phantom::PhantomDatasetOptions phantoms;
    };

    CommandLine MakeCommandLine(PretrainRequest& options)
    {
      CommandLine line;
      line.usage = "pretrain --output DIR (--images DIR | --phantoms N) [OPTIONS]";
      line.description =
        "Pre-trains an encoder by masked autoencoding on every NIfTI volume below a folder, without labels, or on\n"
        "synthetic ones. Writes a model folder of the variant `mae`: `train --from`, `cross-validate --from` and\n"
        "`ablate --encoder` start from it. Seeded; a run that was stopped goes on with --resume. Several processes\n"
        "divide each batch, as those of `train` do. Research use only.";
      AddRunOptions(line.options, options.run);
      AddRankOptions(line.options, options.run);
      line.options.add_options()("run", po::value(&options.runFolder), "folder of the run; OUTPUT/run when absent")(
        "images", po::value(&options.images),
        "folder of NIfTI volumes")("phantoms", po::value(&options.phantoms.count),
                                   "how many synthetic volumes")("check", "judge configuration and data, "
                                                                          "and leave");
      return line;
    }

    std::unique_ptr<Data::ICaseSource> OpenSource(const PretrainRequest& options)
    {
      if (options.images.empty())
      {
        return std::make_unique<Data::PhantomCaseSource>(options.phantoms);
      }
      return std::make_unique<Data::NiftiFolderSource>(options.images);
    }

    // `ranks` null: one process.
    void Pretrain(const PretrainRequest& options, const Runs::RunConfig& config, const Ranks::RankGroup* ranks,
                  const StandardOutput& output)
    {
      const bool isFollower = ranks != nullptr && ranks->GetRank() > 0;
      const std::filesystem::path path = options.runFolder.empty() ? options.run.output / "run" : options.runFolder;
      RunEvents events(output, options.run.json);
      events.ShowLife(path, options.run.resumes && !isFollower);
      const std::unique_ptr<Data::ICaseSource> source = OpenSource(options);
      const Runs::EncoderTraining training{options.run.name, config, source->Describe(), options.run.backend, ranks};
      if (isFollower)
      {
        training.Follow(Runs::LoadSlices(*source, config, options.run.backend.threads, [](const Json::Value&) {}),
                        Runs::RunFolder::MakeIdentity(config.ToJson(), training.data));
        return;
      }
      const Runs::RunFolder folder(path, config.ToJson(), training.data, options.run.resumes);
      events.Follow(path, 1);
      const Runs::EventSink onEvent = events.GetSink();
      training.Run(Runs::LoadSlices(*source, config, options.run.backend.threads, onEvent), folder, options.run.output,
                   onEvent);
    }
  }

  int RunPretrain(const std::vector<std::string>& arguments)
  {
    PretrainRequest options;
    const auto values = MakeCommandLine(options).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    if (options.images.empty() == (values->count("phantoms") == 0))
    {
      throw UsageError("either --images or --phantoms is needed");
    }
    const bool isCheck = values->count("check") != 0;
    const std::unique_ptr<Ranks::RankGroup> ranks = isCheck ? nullptr : JoinRanks(options.run);
    CompleteRunOptions(options.run, *values);
    const StandardOutput output;
    const Runs::RunConfig config = ReadRunConfig(options.run);
    config.RefuseControl("pretrain");
    options.phantoms.firstSeed = config.seed;
    if (isCheck)
    {
      OpenSource(options);  // which judges it
      return ExitCode::OK;
    }
    Pretrain(options, config, ranks.get(), output);
    return ExitCode::OK;
  }
}
