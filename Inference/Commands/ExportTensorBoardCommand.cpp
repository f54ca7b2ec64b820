// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/ExportTensorBoardCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Training/Reports/TensorBoardExport.h"

#include <filesystem>

namespace H3K27M::Commands
{
  int RunExportTensorBoard(const std::vector<std::string>& arguments)
  {
    namespace po = boost::program_options;
    std::filesystem::path run;
    std::filesystem::path output;
    CommandLine line;
    line.usage = "export-tensorboard --run DIR --output DIR";
    line.description =
      "Writes the curves of a run (losses, rate, gradient, speed), finished or not, as event files for\n"
      "`tensorboard --logdir DIR`: one folder for each fold or model. Research use only.";
    line.options.add_options()("run", po::value(&run)->required(), "folder of the run, with events.jsonl")(
      "output", po::value(&output)->required(), "folder to write to");
    if (!line.Parse(arguments))
    {
      return ExitCode::OK;
    }
    const StandardOutput standard;
    standard.WriteLine("wrote " + std::to_string(Reports::ExportTensorBoard(run, output)) + " event files below " +
                       output.string());
    return ExitCode::OK;
  }
}
