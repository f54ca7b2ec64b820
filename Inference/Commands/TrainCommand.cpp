// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/TrainCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Inference/Weights/Sha256.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Trainers/InputResize.h"
#include "Training/Trainers/StagedTraining.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    constexpr std::size_t REPORT_INTERVAL = 10;  // steps

    struct TrainRequest
    {
      std::filesystem::path output;
      std::filesystem::path from;  // empty: weights are drawn
      std::string name;
      std::string variant = "fusion";
      std::string preset = "recommended";
      Phantom::PhantomDatasetOptions phantoms;
      Network::NetworkOptions network;
      Trainers::CoTrainerOptions training;
      std::vector<Trainers::Stage> stages;  // never empty; the last one has the model's input size
      bool keepsStages = false;
      unsigned int threads = 0;
      double threshold = 0.5;
      double minimumAreaMm2 = 100;
      bool json = false;
    };

    CommandLine MakeCommandLine(TrainRequest& request)
    {
      CommandLine line;
      line.usage = "train --output DIR --phantoms N [OPTIONS]";
      line.description =
        "Trains the network on synthetic volumes (seeds S .. S+N-1) and writes a model folder: fp16 weights and\n"
        "card. Seeded: the same options on the same processor and number of threads give the same weights.\n"
        "Research use only.";
      line.options.add_options()("output", po::value(&request.output)->required(), "model folder to write")(
        "from", po::value(&request.from),
        "model folder to start from, of the same variant and width; another input size is resized")(
        "name", po::value(&request.name), "of the model; the folder's name when absent")(
        "phantoms", po::value(&request.phantoms.count)->required(), "how many volumes to train on")(
        "seed", po::value(&request.phantoms.firstSeed)->default_value(1), "of the first volume, and of the run")(
        "signal-strength", po::value(&request.phantoms.signalStrength)->default_value(1.0, "1"),
        "how far the status shows in the phantoms, 0 to 1")(
        "variant", po::value(&request.variant)->default_value(request.variant), "classification, parallel or fusion")(
        "input-size", po::value(&request.network.inputSize)->default_value(256), "pixels; a multiple of 16")(
        "width", po::value(&request.network.width)->default_value(64), "channels at a quarter of the input size")(
        "preset", po::value(&request.preset)->default_value(request.preset), "recommended, or paper (its recipe)")(
        "steps", po::value<std::size_t>(), "batches to train on; 2000 when absent")(
        "stages", po::value<std::string>(),
        "SIZE:STEPS,SIZE:STEPS,...: on small images first, e.g. 64:2000,128:2000,256:500; instead of --steps")(
        "keep-stages", "also write the model of each earlier stage, to OUTPUT/stage-SIZE")(
        "batch", po::value<std::size_t>(),
        "slices per batch; 8 when absent")("rate", po::value<double>(), "peak learning rate; the preset's when absent")(
        "tumour-free-share", po::value<double>(), "of the slices of a batch; the preset's when absent")(
        "bf16", po::value<bool>()->default_value(Predict::ProcessTuning::HasBFloat16Arithmetic()),
        "mixed precision; pays on processors that multiply bf16")(
        "threads", po::value(&request.threads)->default_value(0), "0: as many as this process may use")(
        "threshold", po::value(&request.threshold)->default_value(0.5, "0.5"), "for the card")(
        "minimum-area", po::value(&request.minimumAreaMm2)->default_value(100.0, "100"),
        "mm2 of tumour in a slice, for the card")("json", "JSON lines on standard output instead of text");
      return line;
    }

    // What depends on several options.
    void Complete(TrainRequest& request, const po::variables_map& values)
    {
      if (request.preset != "recommended" && request.preset != "paper")
      {
        throw UsageError("--preset must be recommended or paper");
      }
      request.training =
        request.preset == "paper" ? Trainers::CoTrainerOptions::Paper() : Trainers::CoTrainerOptions::Recommended();
      const auto Take = [&values](const char* option, auto& target)
      {
        if (values.count(option) != 0)
        {
          target = values[option].as<std::decay_t<decltype(target)>>();
        }
      };
      Take("steps", request.training.steps);
      Take("batch", request.training.batch.batchSize);
      Take("rate", request.training.peakRate);
      Take("tumour-free-share", request.training.batch.tumourFreeShare);
      Take("bf16", request.training.useBFloat16);
      request.training.batch.seed = request.phantoms.firstSeed;
      request.phantoms.tumourFreeShare = 0.1;  // tumour volumes hold tumour-free slices enough
      request.network.variant = Network::ParseVariant(request.variant);
      if (values.count("stages") != 0 && values.count("steps") != 0)
      {
        throw UsageError("--steps and --stages exclude each other");
      }
      request.stages = values.count("stages") != 0
                         ? Trainers::ParseStages(values["stages"].as<std::string>(), request.network.inputSize)
                         : std::vector<Trainers::Stage>{{request.network.inputSize, request.training.steps}};
      request.json = values.count("json") != 0;
      request.keepsStages = values.count("keep-stages") != 0;
      if (request.threads == 0)
      {
        request.threads = Predict::ProcessTuning::GetUsableProcessors();
      }
      if (request.name.empty())
      {
        request.name = std::filesystem::absolute(request.output / ".").parent_path().filename().string();
      }
    }

    // Progress for people or programs.
    class Reporter
    {
    public:
      Reporter(const StandardOutput& output, bool json) :
        output_(output),
        json_(json)
      {
      }

      void OnLoaded(std::size_t done, std::size_t count) const
      {
        if (done % 50 == 0 || done == count)
        {
          Json::Value line;
          line["event"] = "data";
          line["done"] = Json::UInt64{done};
          line["of"] = Json::UInt64{count};
          Write(line, "volumes " + std::to_string(done) + "/" + std::to_string(count));
        }
      }

      void OnStep(const Trainers::StepReport& step, std::size_t steps)
      {
        for (auto& [value, mean] : {std::pair<double, double*>{step.crossEntropy, &crossEntropy_},
                                    {step.iou, &iou_},
                                    {step.focal, &focal_},
                                    {step.total, &total_}})
        {
          *mean += value;
        }
        if (step.step % REPORT_INTERVAL != 0)
        {
          return;
        }
        Json::Value line;
        line["event"] = "step";
        line["step"] = Json::UInt64{step.step};
        line["of"] = Json::UInt64{steps};
        line["rate"] = step.rate;
        line["cross_entropy"] = crossEntropy_ / REPORT_INTERVAL;
        line["iou"] = iou_ / REPORT_INTERVAL;
        line["focal"] = focal_ / REPORT_INTERVAL;
        line["total"] = total_ / REPORT_INTERVAL;
        line["gradient_norm"] = step.gradientNorm;
        line["seconds"] = step.seconds;
        char text[200];
        std::snprintf(text, sizeof(text),
                      "step %zu/%zu  CE %.3f  IoU loss %.3f  focal %.4f  total %.3f  gradient %.2f  %.2f s/step",
                      step.step, steps, crossEntropy_ / REPORT_INTERVAL, iou_ / REPORT_INTERVAL,
                      focal_ / REPORT_INTERVAL, total_ / REPORT_INTERVAL, step.gradientNorm,
                      step.seconds / static_cast<double>(step.step));
        Write(line, text);
        crossEntropy_ = iou_ = focal_ = total_ = 0;
      }

      void Write(const Json::Value& line, const std::string& text) const
      {
        output_.WriteLine(json_ ? Protocol::WriteCompactJson(line) : text);
      }

    private:
      const StandardOutput& output_;
      bool json_;
      double crossEntropy_ = 0;
      double iou_ = 0;
      double focal_ = 0;
      double total_ = 0;
    };

    // Of the models that a run started from, one before the other.
    std::uint64_t CountEarlierPhantoms(const Json::Value& origin)
    {
      if (!origin.isObject())
      {
        return 0;
      }
      const Json::Value& run = origin["run"];
      const Json::Value& count = origin["training_data"]["count"];
      return (count.isUInt64() ? count.asUInt64() : 0) + (run.isObject() ? CountEarlierPhantoms(run["from"]) : 0);
    }

    Weights::ModelCard MakeCard(const TrainRequest& request, const Network::NetworkOptions& network,
                                const Json::Value& origin, const Json::Value& data, double seconds)
    {
      Weights::ModelCard card(request.name, network);
      card.Set("trained_on", "synthetic phantoms with a planted signal (" +
                               std::to_string(request.phantoms.count + CountEarlierPhantoms(origin)) +
                               "), no patient: its answers about patients mean nothing");
      card.Set("training_data", data);
      card.Set("dataset_hash", Weights::Sha256::OfText(Protocol::WriteCompactJson(data)));
      Json::Value run;
      run["preset"] = request.preset;
      for (const Trainers::Stage& stage : request.stages)
      {
        Json::Value item;
        item["input_size"] = Json::Int64{stage.inputSize};
        item["steps"] = Json::UInt64{stage.steps};
        run["stages"].append(item);
      }
      run["pooled_class_layer"] = request.training.poolsClassLayer;
      run["batch"] = Json::UInt64{request.training.batch.batchSize};
      run["peak_rate"] = request.training.peakRate;
      run["tumour_free_share"] = request.training.batch.tumourFreeShare;
      run["precision"] = request.training.useBFloat16 ? "bf16" : "fp32";
      run["threads"] = request.threads;
      run["seconds"] = seconds;
      run["from"] = origin;  // null: from scratch
      card.Set("run", run);
      Json::Value preprocessing;
      preprocessing["framing"] = "head";
      preprocessing["mean"] = 0.154;
      preprocessing["deviation"] = 0.202;
      card.Set("preprocessing", preprocessing);
      card.Set("metrics", Json::Value(Json::objectValue));
      card.Set("threshold", request.threshold);
      card.Set("minimum_tumour_area_mm2", request.minimumAreaMm2);
      card.Set("intended_use", "Demonstration and software tests. Trained on synthetic volumes with a planted signal: "
                               "its answers about patients mean nothing. Research use only, never for diagnosis.");
      return card;
    }

    // Copies the weights of `folder` into the network and returns what the card has to say about them.
    Json::Value StartFrom(const std::filesystem::path& folder, Network::GenotypeNet& network)
    {
      const auto package = Weights::ModelPackage::Open(folder);
      const Network::NetworkOptions& before = package.GetCard().GetNetwork();
      Trainers::ResizeInput(package.GetWeights(), before.inputSize, network->GetOptions().inputSize).CopyInto(*network);
      Json::Value origin;
      for (const char* field : {"name", "weights_sha256", "input_size", "training_data", "run"})
      {
        origin[field] = package.GetCard().GetJson()[field];
      }
      return origin;
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
    Complete(request, *values);
    const StandardOutput output;
    Predict::ProcessTuning::KeepFreedMemory();
    torch::set_num_threads(static_cast<int>(request.threads));
    torch::manual_seed(request.phantoms.firstSeed);
    Reporter reporter(output, request.json);
    const auto start = std::chrono::steady_clock::now();
    const Data::PhantomCaseSource source(request.phantoms);
    const Data::SliceDataset dataset(source, {static_cast<std::size_t>(request.network.inputSize), request.threads},
                                     [&reporter, &source](std::size_t done)
    { reporter.OnLoaded(done, source.GetCount()); });
    Network::GenotypeNet network(request.network);
    const Json::Value origin = request.from.empty() ? Json::Value() : StartFrom(request.from, network);
    const auto GetSeconds = [start]
    { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    const auto Write =
      [&](const std::filesystem::path& folder, const Network::NetworkOptions& layout, const Weights::TensorMap& weights)
    {
      return Weights::ModelPackage::Write(folder, MakeCard(request, layout, origin, source.Describe(), GetSeconds()),
                                          weights, Weights::StoredPrecision::F16);
    };
    Trainers::StageObserver observer;
    observer.onStep = [&reporter](const Trainers::Stage& stage, const Trainers::StepReport& step)
    { reporter.OnStep(step, stage.steps); };
    observer.onStage = [&Write, &request](const Trainers::Stage& stage, const Weights::TensorMap& weights)
    {
      if (request.keepsStages)
      {
        Network::NetworkOptions layout = request.network;
        layout.inputSize = stage.inputSize;
        Write(request.output / ("stage-" + std::to_string(stage.inputSize)), layout, weights);
      }
    };
    const auto weights = Trainers::TrainInStages(request.network, Weights::TensorMap::FromModule(*network), dataset,
                                                 request.training, request.stages, observer);
    const auto card = Write(request.output, request.network, weights);
    Json::Value line;
    line["event"] = "model";
    line["folder"] = request.output.string();
    line["weights_sha256"] = card.GetWeightsSha256();
    line["seconds"] = GetSeconds();
    reporter.Write(line, "wrote " + request.output.string() + " (" + card.GetWeightsSha256() + ")");
    return ExitCode::OK;
  }
}
