// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/ServeCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Serve/ServeLoop.h"

#include <sys/socket.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    CommandLine MakeServeCommandLine()
    {
      const Serve::ServeLimits limits;
      CommandLine line;
      line.usage = "serve --fd N --model DIR [OPTIONS]";
      line.description = "Answers requests over an inherited socket (Resources/Notes/Protocol.md) until it closes.\n"
                         "Started by the Orthanc plugin. Logs go to standard error. Memory: the network about 1 GB\n"
                         "at the default batch size on a CPU, and 5 bytes per voxel of each study that is open.";
      line.options.add_options()("fd", po::value<int>()->required(), "number of the socket's descriptor")(
        "model", po::value<std::filesystem::path>()->required(), "model folder (model.safetensors and card.json)")(
        "max-study-mib", po::value<std::uint64_t>()->default_value(limits.maxStudyBytes >> 20),
        "largest study, in MiB of float32 voxels")("max-open-mib",
                                                   po::value<std::uint64_t>()->default_value(limits.maxOpenBytes >> 20),
                                                   "all studies that are begun and not answered, likewise");
      AddBackendOptions(line.options);
      return line;
    }

    // The kernel's choice when memory runs out: this process, not the PACS (its parent).
    void OfferToOutOfMemoryKiller()
    {
      std::ofstream("/proc/self/oom_score_adj") << 800;
    }

    void CheckSocket(int descriptor)
    {
      int type = 0;
      socklen_t size = sizeof(type);
      if (descriptor <= 2 || ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
      {
        throw Error(ErrorCode::BadInput, "--fd " + std::to_string(descriptor) + " is not an open stream socket");
      }
    }

    std::uint64_t ReadMebibytes(const po::variables_map& values, const char* name)
    {
      const auto value = values[name].as<std::uint64_t>();
      if (value == 0 || value > (std::uint64_t{1} << 20))
      {
        throw Error(ErrorCode::BadInput, std::string("--") + name + " must be 1 to 1048576");
      }
      return value << 20;
    }
  }

  int RunServe(const std::vector<std::string>& arguments)
  {
    const auto values = MakeServeCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);  // a terminal's Ctrl-C reaches the PACS too, which then closes the socket
    OfferToOutOfMemoryKiller();
    Predict::ProcessTuning::KeepFreedMemory();

    const int descriptor = (*values)["fd"].as<int>();
    CheckSocket(descriptor);
    Protocol::FrameChannel channel(descriptor);
    Serve::ServeOptions options;
    options.limits.maxStudyBytes = ReadMebibytes(*values, "max-study-mib");
    options.limits.maxOpenBytes = ReadMebibytes(*values, "max-open-mib");
    const auto engine =
      Predict::LoadedEngine::Load((*values)["model"].as<std::filesystem::path>(), ReadBackendOptions(*values));
    options.framing = engine.framing;
    options.references = engine.references;
    options.limits.rules = engine.rules;
    std::cerr << "h3k27m serve: " + Protocol::WriteCompactJson(Predict::DescribeEngine(engine.description)) + "\n";
    if (!engine.description.selfTest.passed)
    {
      const Error error(ErrorCode::Unavailable,
                        "The device's answer differs from fp32 by more than the tolerance: " +
                          Protocol::WriteCompactJson(Describe(engine.description.selfTest)),
                        false);
      channel.Write(Protocol::Message::FromError("", error).Serialize());
      std::cerr << "h3k27m serve: " + std::string(error.what()) + "\n";
      return ExitCode::SELF_TEST;
    }
    Serve::ServeLoop(channel, *engine.backend, options).Run(engine.description);
    return ExitCode::OK;
  }
}
