// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/InfoCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Message.h"

#include <torch/torch.h>

#include <json/writer.h>

#include <filesystem>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    CommandLine MakeInfoCommandLine()
    {
      CommandLine line;
      line.usage = "info [--model DIR] [OPTIONS]";
      line.description =
        "Prints, as JSON, what this program and this machine can do; with --model also the model's card\n"
        "and how far the device's answer is from fp32. Research use only.";
      line.options.add_options()("model", po::value<std::filesystem::path>(), "model folder to load and test");
      AddBackendOptions(line.options);
      return line;
    }
  }

  int RunInfo(const std::vector<std::string>& arguments)
  {
    const auto values = MakeInfoCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    Predict::ProcessTuning::KeepFreedMemory();
    Json::Value info;
    bool passed = true;
    if (values->count("model") != 0)
    {
      const auto engine =
        Predict::LoadedEngine::Load((*values)["model"].as<std::filesystem::path>(), ReadBackendOptions(*values));
      info = Predict::DescribeEngine(engine.description);
      passed = engine.description.selfTest.passed;
    }
    info["engine_version"] = H3K27M_VERSION;
    info["protocol"] = Protocol::PROTOCOL_VERSION;
    info["libtorch_version"] = TORCH_VERSION;
    info["usable_processors"] = Predict::ProcessTuning::GetUsableProcessors();
    info["cpu_has_bf16_arithmetic"] = Predict::ProcessTuning::HasBFloat16Arithmetic();
    info["cuda_kernels_built"] = Cuda::IsBuilt();
    const std::string& reason = Predict::ProcessTuning::LoadCudaLibraries();
    info["cuda"] = !reason.empty()               ? "not available: " + reason
                   : torch::cuda::is_available() ? "available"
                                                 : "not available: LibTorch finds no GPU that it can use";
    info["intended_use"] = "research use only";
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "  ";
    output.WriteLine(Json::writeString(builder, info));
    return passed ? ExitCode::OK : ExitCode::SELF_TEST;
  }
}
