// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/BenchTrainingCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/TorchDevice.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Trainers/CoTrainer.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace H3K27M::Commands
{
  namespace
  {
    constexpr std::size_t WARM_UP = 3;
    constexpr std::size_t PHANTOMS = 6;
    constexpr std::size_t BATCH = 8;

    namespace po = boost::program_options;

    CommandLine MakeBenchTrainingCommandLine()
    {
      CommandLine line;
      line.usage = "bench-training [OPTIONS]";
      line.description =
        "Times co-training steps of the published network (fusion, 256 x 256, random weights) on slices of phantoms,\n"
        "and what of a step is waiting for its batch. One JSON object, medians. --precision bf16 is mixed precision;\n"
        "--batch-size 0 is 8.";
      line.options.add_options()("repeat", po::value<std::size_t>()->default_value(10),
                                 "steps that are measured, after three that are not");
      AddBackendOptions(line.options);
      return line;
    }

    double GetMedian(std::vector<double> values)
    {
      std::sort(values.begin(), values.end());
      return values[values.size() / 2];
    }

    Data::SliceDataset MakeDataset(std::size_t inputSize, unsigned int threads)
    {
      Phantom::PhantomDatasetOptions phantoms;
      phantoms.count = PHANTOMS;
      phantoms.firstSeed = 1;
      Data::SliceDatasetOptions options;
      options.inputSize = inputSize;
      options.threads = threads;
      return Data::SliceDataset(Data::PhantomCaseSource(phantoms), options, [](std::size_t) {});
    }

    struct StepTimes
    {
      std::vector<double> whole;
      std::vector<double> waiting;
    };

    StepTimes MeasureSteps(Trainers::CoTrainer& trainer)
    {
      StepTimes times;
      double before = 0;
      trainer.Run([&](const Trainers::StepReport& step)
      {
        if (step.step > WARM_UP)
        {
          times.whole.push_back(step.seconds - before);
          times.waiting.push_back(step.waiting);
        }
        before = step.seconds;
      });
      return times;
    }

    // {step_seconds, step_seconds_least, loading_share (of the time that was spent waiting for batches), batch_size,
    // threads, device, precision}; the first is the median.
    Json::Value MeasureTraining(const Predict::BackendOptions& backend, std::size_t repeats)
    {
      const auto device = Predict::TorchDevice::Choose(backend.device);
      const unsigned int threads = Predict::ProcessTuning::SettleThreads(backend.threads);
      torch::set_num_threads(static_cast<int>(threads));
      torch::manual_seed(1);
      Network::GenotypeNet network{Network::NetworkOptions()};
      const Data::SliceDataset dataset =
        MakeDataset(static_cast<std::size_t>(network->GetOptions().inputSize), threads);
      auto options = Trainers::CoTrainerOptions::Recommended();
      options.steps = repeats + WARM_UP;
      options.useBFloat16 = backend.precision == Predict::Precision::BFloat16;
      options.batch.batchSize = backend.batchSize == 0 ? BATCH : backend.batchSize;
      Trainers::CoTrainer trainer(network, dataset, options, device.device);
      const StepTimes times = MeasureSteps(trainer);
      Json::Value json;
      json["step_seconds"] = GetMedian(times.whole);
      json["step_seconds_least"] = *std::min_element(times.whole.begin(), times.whole.end());
      json["loading_share"] = std::accumulate(times.waiting.begin(), times.waiting.end(), 0.0) /
                              std::accumulate(times.whole.begin(), times.whole.end(), 0.0);
      json["batch_size"] = Json::UInt64{options.batch.batchSize};
      json["threads"] = threads;
      json["device"] = device.name;
      json["precision"] = options.useBFloat16 ? "bf16" : "fp32";
      return json;
    }
  }

  int RunBenchTraining(const std::vector<std::string>& arguments)
  {
    const auto values = MakeBenchTrainingCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    const auto repeats = (*values)["repeat"].as<std::size_t>();
    if (repeats < 1 || repeats > 10000)
    {
      throw Error(ErrorCode::BadInput, "--repeat must be 1 to 10000");
    }
    Predict::ProcessTuning::KeepFreedMemory();
    output.WriteLine(Protocol::WriteCompactJson(MeasureTraining(ReadBackendOptions(*values), repeats)));
    return ExitCode::OK;
  }
}
