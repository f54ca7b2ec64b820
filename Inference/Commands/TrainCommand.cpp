// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/TrainCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/RunCommandLine.h"
#include "Inference/Commands/RunEvents.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/TorchDevice.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LoadSlices.h"
#include "Training/Runs/ModelTraining.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/RunFolder.h"

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct TrainRequest
    {
      RunOptions common;              // its output is the model
      std::filesystem::path run;      // empty: OUTPUT/run
      std::filesystem::path from;     // empty: weights are drawn
      std::filesystem::path dataset;  // empty: phantoms
      Phantom::PhantomDatasetOptions phantoms;
      Runs::RunConfig settings;
      bool keepsStages = false;
    };

    CommandLine MakeCommandLine(TrainRequest& request)
    {
      CommandLine line;
      line.usage = "train --output DIR (--dataset DIR | --phantoms N) [OPTIONS]";
      line.description =
        "Trains the network on the development split of a BIDS folder, or on synthetic volumes (seeds S .. S+N-1),\n"
        "and writes a model folder: fp16 weights and card, and below `run` configuration, manifest, events and the\n"
        "last checkpoint. Seeded: the same options on the same processor and number of threads give the same weights\n"
        "(a GPU's differ in the last digits), also when the run was stopped in between and resumed. Several\n"
        "processes divide each batch when RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say so: the first one writes\n"
        "and prints. Research use only.";
      line.options.add_options()("output", po::value(&request.common.output)->required(), "model folder to write")(
        "dataset", po::value(&request.dataset), "BIDS folder with participants.tsv (h3k27m_status) and masks")(
        "phantoms", po::value(&request.phantoms.count), "how many synthetic volumes to train on")(
        "config", po::value(&request.common.config),
        "JSON file with any of the keys that `run/config.json` has; what the\n"
        "options below say wins")("run", po::value(&request.run), "folder of the run; OUTPUT/run when absent")(
        "resume", "go on from the last checkpoint of the run's folder, or begin when there is none")(
        "from", po::value(&request.from),
        "model folder to start from, of the same variant and width; another input size is resized, of an ensemble the\n"
        "first network is taken")("name", po::value(&request.common.name),
                                  "of the model; the folder's name when absent")(
        "seed", po::value<std::uint64_t>(), "of the run, and of the first phantom; 1 when absent")(
        "signal-strength", po::value(&request.phantoms.signalStrength)->default_value(1.0, "1"),
        "how far the status shows in the phantoms, 0 to 1")("variant", po::value<std::string>(),
                                                            "classification, parallel or fusion (default)")(
        "input-size", po::value<std::int64_t>(), "pixels; a multiple of 16; 256 when absent")(
        "width", po::value<std::int64_t>(), "channels at a quarter of the input size; 64 when absent")(
        "preset", po::value<std::string>(), "recommended (default), or paper (its recipe)")(
        "steps", po::value<std::uint64_t>(), "batches to train on; 2000 when absent, or the preset's epochs")(
        "stages", po::value<std::string>(),
        "SIZE:STEPS,SIZE:STEPS,...: on small images first, e.g. 64:2000,128:2000,256:500; instead of --steps")(
        "keep-stages", "also write the model of each earlier stage, to OUTPUT/stage-SIZE; to OUTPUT/stage-K-SIZE, K\n"
                       "counted from 1, where a size comes twice")("batch", po::value<std::uint64_t>(),
                                                                   "slices per batch; 8 when absent")(
        "rate", po::value<double>(), "peak learning rate; the preset's when absent")(
        "tumour-free-share", po::value<double>(), "of the slices of a batch; the preset's when absent")(
        "bf16", po::value<bool>(), "mixed precision; by default where the device multiplies bf16")(
        "threshold", po::value<double>(), "for the card; 0.5 when absent")(
        "minimum-area", po::value<double>(), "mm2 of tumour in a slice, for the card; 100 when absent")(
        "json", "JSON lines on standard output instead of text");
      AddDeviceOptions(line.options);
      AddRankOptions(line.options, request.common);
      return line;
    }

    Json::Value& GetGroup(Json::Value& object, const std::string& key)
    {
      Json::Value& group = object[key];
      if (group.isNull())
      {
        group = Json::Value(Json::objectValue);
      }
      if (!group.isObject())
      {
        throw Error(ErrorCode::BadInput, "The configuration's '" + key + "' must be an object");
      }
      return group;
    }

    // How long it takes is said once: what an option says of it takes the place of all that the file does.
    void DropLength(Json::Value& json, const po::variables_map& values)
    {
      Json::Value& training = GetGroup(json, "training");
      if (values.count("stages") != 0)
      {
        training.removeMember("steps");
        training.removeMember("epochs");
      }
      if (values.count("steps") != 0)
      {
        json.removeMember("stages");
        training["epochs"] = 0;
      }
    }

    // The file's keys under the command line's: one object, which RunConfig then judges as a whole.
    Runs::RunConfig MakeSettings(const TrainRequest& request, const po::variables_map& values)
    {
      Json::Value json =
        request.common.config.empty() ? Json::Value(Json::objectValue) : Runs::ReadJsonFile(request.common.config);
      if (!json.isObject())
      {
        throw Error(ErrorCode::BadInput, request.common.config.string() + " does not hold a JSON object");
      }
      DropLength(json, values);
      const auto Take =
        [&values]<typename Value>(const char* option, Json::Value& object, const char* key, const Value&)
      {
        if (values.count(option) != 0)
        {
          object[key] = Json::Value(values[option].as<Value>());
        }
      };
      Take("preset", json, "preset", std::string());
      Take("stages", json, "stages", std::string());
      Take("seed", json, "seed", std::uint64_t{});
      Take("threshold", json, "threshold", double{});
      Take("minimum-area", json, "minimum_tumour_area_mm2", double{});
      Json::Value& network = GetGroup(json, "network");
      Take("variant", network, "variant", std::string());
      Take("input-size", network, "input_size", std::int64_t{});
      Take("width", network, "width", std::int64_t{});
      Json::Value& training = GetGroup(json, "training");
      Take("steps", training, "steps", std::uint64_t{});
      Take("batch", training, "batch", std::uint64_t{});
      Take("rate", training, "peak_rate", double{});
      Take("tumour-free-share", training, "tumour_free_share", double{});
      if (!training.isMember("bf16"))
      {
        training["bf16"] = Predict::TorchDevice::Choose(request.common.backend.device).HasBFloat16Arithmetic();
      }
      Take("bf16", training, "bf16", bool{});
      return Runs::RunConfig::Parse(json);
    }

    void Complete(TrainRequest& request, const po::variables_map& values)
    {
      if (values.count("steps") != 0 && values.count("stages") != 0)
      {
        throw UsageError("--steps and --stages exclude each other");
      }
      if (request.dataset.empty() == (values.count("phantoms") == 0))
      {
        throw UsageError("either --dataset or --phantoms is needed");
      }
      CompleteRunOptions(request.common, values);
      request.settings = MakeSettings(request, values);
      request.settings.RefuseControl("train");
      if (request.from.empty())
      {
        request.settings.RefuseFrozenEncoder();
      }
      request.phantoms.firstSeed = request.settings.seed;
      request.phantoms.tumourFreeShare = 0.1;  // tumour volumes hold tumour-free slices enough
      request.keepsStages = values.count("keep-stages") != 0;
      if (request.run.empty())
      {
        request.run = request.common.output / "run";
      }
    }

    std::unique_ptr<Data::ICaseSource> OpenSource(const TrainRequest& request)
    {
      if (request.dataset.empty())
      {
        return std::make_unique<Data::PhantomCaseSource>(request.phantoms);
      }
      return std::make_unique<Data::BidsCaseSource>(
        std::make_shared<Data::BidsFolder>(request.dataset, request.settings.contrast), "development");
    }

    // `ranks` null: one process.
    void Train(const TrainRequest& request, const Ranks::RankGroup* ranks, const StandardOutput& output)
    {
      const bool isFollower = ranks != nullptr && ranks->GetRank() > 0;
      RunEvents events(output, request.common.json);
      events.ShowLife(request.run, request.common.resumes && !isFollower);
      // First: a model that does not fit is refused before a data set is read for its hash.
      const Runs::StartingPoint start = request.from.empty()
                                          ? Runs::StartingPoint::Draw(request.settings)
                                          : Runs::StartingPoint::FromModel(request.from, request.settings);
      const std::unique_ptr<Data::ICaseSource> source = OpenSource(request);
      Runs::ModelTraining training{request.common.name,    request.settings,    source->Describe(),
                                   request.common.backend, request.keepsStages, ranks};
      Json::Value manifest;
      manifest["data"] = training.data;
      manifest["from"] = start.origin;
      if (isFollower)
      {
        training.Follow(
          Runs::LoadSlices(*source, request.settings, request.common.backend.threads, [](const Json::Value&) {}), start,
          Runs::RunFolder::MakeIdentity(request.settings.ToJson(), manifest));
        return;
      }
      // Before the data are read: a folder that holds another run is refused at once.
      const Runs::RunFolder folder(request.run, request.settings.ToJson(), manifest, request.common.resumes);
      events.Follow(request.run, 1);
      const Runs::EventSink onEvent = events.GetSink();
      const Data::SliceDataset dataset =
        Runs::LoadSlices(*source, request.settings, request.common.backend.threads, onEvent);
      training.Run(dataset, start, folder, request.common.output, onEvent);
    }
  }

  int RunTrain(const std::vector<std::string>& arguments)
  {
    TrainRequest request;
    const auto values = MakeCommandLine(request).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const std::unique_ptr<Ranks::RankGroup> ranks = JoinRanks(request.common);
    Complete(request, *values);
    const StandardOutput output;
    Train(request, ranks.get(), output);
    return ExitCode::OK;
  }
}
