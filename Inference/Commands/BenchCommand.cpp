// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/BenchCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/TorchBackend.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;
    using Clock = std::chrono::steady_clock;

    CommandLine MakeBenchCommandLine()
    {
      CommandLine line;
      line.usage = "bench [--model DIR] [OPTIONS]";
      line.description =
        "Measures the bare network (ms per 256 x 256 slice, median and least of the repeats), then one\n"
        "phantom study as the service computes it. Without --model: a fusion network with random\n"
        "weights, which costs the same.";
      line.options.add_options()("model", po::value<std::filesystem::path>(), "model folder")(
        "repeat", po::value<int>()->default_value(10), "passes that are measured, after two that are not")(
        "slices", po::value<unsigned int>()->default_value(24), "of the phantom study")(
        "matrix", po::value<unsigned int>()->default_value(512), "rows and columns of the phantom study")(
        "plain", "the published network untuned (three channels, batch norms, default allocator), for comparison")(
        "json", "one line of JSON");
      AddBackendOptions(line.options);
      return line;
    }

    struct Figures
    {
      double medianMs = 0;
      double leastMs = 0;
    };

    Figures Measure(int repeats, std::size_t slices, const std::function<void()>& pass)
    {
      std::vector<double> times;
      for (int i = 0; i < repeats + 2; ++i)
      {
        const auto begin = Clock::now();
        pass();
        const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        if (i >= 2)
        {
          times.push_back(ms / static_cast<double>(slices));
        }
      }
      std::sort(times.begin(), times.end());
      return {times[times.size() / 2], times.front()};
    }

    // Slices of a head, as many as the batch holds: zeros would be faster than what is seen in use.
    std::vector<float> MakeImages(std::size_t inputSize, std::size_t count)
    {
      const std::vector<float> two = Predict::MakeSelfTestImages(inputSize);
      const std::size_t plane = inputSize * inputSize;
      std::vector<float> images;
      for (std::size_t i = 0; i < count; ++i)
      {
        const auto first = two.begin() + static_cast<std::ptrdiff_t>(i % 2 * plane);
        images.insert(images.end(), first, first + static_cast<std::ptrdiff_t>(plane));
      }
      return images;
    }

    Json::Value MeasureNetwork(Predict::IBackend& backend, int repeats)
    {
      const Predict::BackendInfo& info = backend.GetInfo();
      const std::vector<float> images = MakeImages(info.inputSize, info.batchSize);
      const Figures figures = Measure(repeats, info.batchSize, [&] { backend.RunNetwork(images, info.batchSize); });
      Json::Value json;
      json["network_ms_per_slice"] = figures.medianMs;
      json["network_ms_per_slice_least"] = figures.leastMs;
      json["batch_size"] = Json::UInt64(info.batchSize);
      json["threads"] = info.threads;
      json["device"] = info.device;
      json["precision"] = std::string(ToString(info.precision));
      return json;
    }

    Json::Value MeasurePlainNetwork(const Predict::BackendOptions& options, int repeats)
    {
      const unsigned int threads = Predict::ProcessTuning::SettleThreads(options.threads);
      torch::set_num_threads(static_cast<int>(threads));
      const std::size_t batchSize = options.batchSize == 0 ? 4 : options.batchSize;
      Network::GenotypeNet network{Network::NetworkOptions()};
      network->eval();
      const c10::InferenceMode guard;
      const auto size = network->GetOptions().inputSize;
      std::vector<float> images = MakeImages(static_cast<std::size_t>(size), batchSize);
      const torch::Tensor tensor =
        torch::from_blob(images.data(), {static_cast<std::int64_t>(batchSize), 1, size, size}).repeat({1, 3, 1, 1});
      const Figures figures = Measure(repeats, batchSize, [&] { network->forward(tensor); });
      Json::Value json;
      json["network_ms_per_slice"] = figures.medianMs;
      json["network_ms_per_slice_least"] = figures.leastMs;
      json["batch_size"] = Json::UInt64(batchSize);
      json["threads"] = threads;
      json["device"] = "cpu";
      json["precision"] = "fp32";
      json["plain"] = true;
      return json;
    }

    // What is not network: preprocessing and putting the masks back. Least of three.
    void MeasureStudy(Predict::IBackend& backend, const po::variables_map& values, Json::Value& json)
    {
      Phantom::PhantomParameters parameters;
      parameters.seed = 1;
      parameters.slices = values["slices"].as<unsigned int>();
      parameters.rows = parameters.columns = values["matrix"].as<unsigned int>();
      parameters.pixelSpacingMm = 230.0 / parameters.rows;
      parameters.sliceSpacingMm = 132.0 / parameters.slices;
      const auto phantom = Phantom::PhantomGenerator().Generate(parameters);
      const std::vector<float> voxels(phantom.voxels.begin(), phantom.voxels.end());
      const Preprocess::VolumeView view{voxels,
                                        parameters.slices,
                                        parameters.rows,
                                        parameters.columns,
                                        {parameters.pixelSpacingMm, parameters.pixelSpacingMm},
                                        parameters.sliceSpacingMm};
      Predict::StudyPredictor predictor(backend, Preprocess::Framing::Head);
      Predict::StudyTimings least;
      for (int i = 0; i < 3; ++i)
      {
        const auto result = predictor.Run(view, {});
        if (i == 0 || result.timings.totalMs < least.totalMs)
        {
          least = result.timings;
        }
        json["study"]["slices_computed"] = Json::UInt64(result.scores.size());
      }
      json["study"]["slices"] = parameters.slices;
      json["study"]["rows"] = parameters.rows;
      json["study"]["preprocess_ms"] = least.preprocessMs;
      json["study"]["network_ms"] = least.networkMs;
      json["study"]["postprocess_ms"] = least.postprocessMs;
      json["study"]["total_ms"] = least.totalMs;
      json["study"]["share_not_network"] = (least.totalMs - least.networkMs) / least.networkMs;
    }

    std::unique_ptr<Predict::IBackend> MakeBackend(const po::variables_map& values)
    {
      const Predict::BackendOptions options = ReadBackendOptions(values);
      if (values.count("model") != 0)
      {
        return Predict::LoadedEngine::Load(values["model"].as<std::filesystem::path>(), options).backend;
      }
      torch::manual_seed(1);
      return std::make_unique<Predict::TorchBackend>(Network::GenotypeNet{Network::NetworkOptions()}, options);
    }

    std::string Describe(const Json::Value& json)
    {
      std::string text = "network: " + std::to_string(json["network_ms_per_slice"].asDouble()) +
                         " ms per slice (least " + std::to_string(json["network_ms_per_slice_least"].asDouble()) +
                         "), " + json["device"].asString() + ", " + json["precision"].asString() + ", batch " +
                         json["batch_size"].asString() + ", " + json["threads"].asString() + " threads";
      if (json.isMember("study"))
      {
        text += "\nstudy of " + json["study"]["slices"].asString() + " slices: preprocessing " +
                std::to_string(json["study"]["preprocess_ms"].asDouble()) + " ms, network " +
                std::to_string(json["study"]["network_ms"].asDouble()) + " ms, masks " +
                std::to_string(json["study"]["postprocess_ms"].asDouble()) + " ms";
      }
      return text + "\npeak memory: " + std::to_string(json["peak_rss_bytes"].asUInt64() >> 20) + " MiB";
    }
  }

  int RunBench(const std::vector<std::string>& arguments)
  {
    const auto values = MakeBenchCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    const int repeats = (*values)["repeat"].as<int>();
    if (repeats < 1 || repeats > 10000)
    {
      throw Error(ErrorCode::BadInput, "--repeat must be 1 to 10000");
    }
    Json::Value json;
    if (values->count("plain") != 0)
    {
      json = MeasurePlainNetwork(ReadBackendOptions(*values), repeats);
    }
    else
    {
      Predict::ProcessTuning::KeepFreedMemory();
      const auto backend = MakeBackend(*values);
      json = MeasureNetwork(*backend, repeats);
      MeasureStudy(*backend, *values, json);
    }
    json["peak_rss_bytes"] = Json::UInt64(Predict::ProcessTuning::GetPeakResidentBytes());
    output.WriteLine(values->count("json") != 0 ? Protocol::WriteCompactJson(json) : Describe(json));
    return ExitCode::OK;
  }
}
