// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/BackendCommandLine.h"

#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Error.h"

#include <string>

namespace H3K27M::Commands
{
  namespace po = boost::program_options;

  void AddBackendOptions(po::options_description& options)
  {
    options.add_options()("device", po::value<std::string>()->default_value("auto"),
                          "auto, cpu or cuda")("precision", po::value<std::string>()->default_value("auto"),
                                               "auto (fp32 on the CPU, bf16 on a GPU), fp32, bf16 or fp16")(
      "threads", po::value<int>()->default_value(0), "threads of the CPU; 0: all processors that may be used")(
      "batch-size", po::value<int>()->default_value(0), "slices per pass; 0: chosen for the device");
  }

  Predict::DeviceChoice ReadDeviceChoice(const po::variables_map& values)
  {
    const Predict::DeviceChoice choice = Predict::ParseDeviceChoice(values["device"].as<std::string>());
    if (choice != Predict::DeviceChoice::Cpu)
    {
      Predict::ProcessTuning::LoadCudaLibraries();
    }
    return choice;
  }

  unsigned int ReadThreads(const po::variables_map& values)
  {
    const int threads = values["threads"].as<int>();
    if (threads < 0 || threads > 1024)
    {
      throw Error(ErrorCode::BadInput, "--threads must be 0 to 1024");
    }
    return static_cast<unsigned int>(threads);
  }

  Predict::BackendOptions ReadBackendOptions(const po::variables_map& values)
  {
    Predict::BackendOptions options;
    options.device = ReadDeviceChoice(values);
    options.precision = Predict::ParsePrecision(values["precision"].as<std::string>());
    const int batchSize = values["batch-size"].as<int>();
    if (batchSize < 0 || batchSize > 1024)
    {
      throw Error(ErrorCode::BadInput, "--batch-size must be 0 to 1024");
    }
    options.threads = ReadThreads(values);
    options.batchSize = static_cast<std::size_t>(batchSize);
    return options;
  }
}
