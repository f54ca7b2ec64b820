// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/PhantomCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Predict/ProcessTuning.h"

#include <cstdio>

#include <unistd.h>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    CommandLine MakeCommandLine(Phantom::PhantomDatasetOptions& dataset)
    {
      CommandLine line;
      line.usage = "phantom --output DIR [OPTIONS]";
      line.description = "Writes synthetic axial T2 head volumes with midline tumours, masks and labels as a BIDS\n"
                         "folder. No patient is in them; research use only. Equal options give equal voxels.";
      line.options.add_options()("output", po::value<std::filesystem::path>(&dataset.folder)->required(),
                                 "folder, empty or absent")(
        "count", po::value(&dataset.count)->default_value(dataset.count), "how many, 1 to 100000")(
        "seed", po::value(&dataset.firstSeed)->default_value(dataset.firstSeed), "of the first; the others follow")(
        "tumour-free-share", po::value(&dataset.tumourFreeShare)->default_value(dataset.tumourFreeShare, "0.2"),
        "0 to 1")("signal-strength", po::value(&dataset.signalStrength)->default_value(dataset.signalStrength, "1"),
                  "how far the status shows in the image, 0 to 1")(
        "maximum-matrix", po::value(&dataset.maximumMatrix)->default_value(dataset.maximumMatrix),
        "largest number of rows, 64 to 512")("atlas", po::value<std::filesystem::path>(),
                                             "another tissue atlas than the embedded one")(
        "threads", po::value<int>()->default_value(0),
        "0: as many as this process may use")("json", "one JSON line per volume instead of a progress line");
      return line;
    }
  }

  int RunPhantom(const std::vector<std::string>& arguments)
  {
    Phantom::PhantomDatasetOptions dataset;
    const auto values = MakeCommandLine(dataset).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    dataset.threads = Predict::ProcessTuning::SettleThreads(ReadThreads(*values));
    const bool json = values->count("json") != 0;
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const auto report = [json, terminal, &dataset](unsigned int done)
    {
      if (json)
      {
        std::printf("{\"done\":%u,\"of\":%u}\n", done, dataset.count);
        std::fflush(stdout);
      }
      else if (terminal)
      {
        std::fprintf(stderr, "\r%u of %u phantoms%s", done, dataset.count, done == dataset.count ? "\n" : "");
      }
    };
    const auto atlas = values->count("atlas") != 0
                         ? Phantom::TissueAtlas::Load((*values)["atlas"].as<std::filesystem::path>())
                         : Phantom::TissueAtlas::LoadEmbedded();
    Phantom::WritePhantomDataset(dataset, atlas, report);
    return ExitCode::OK;
  }
}
