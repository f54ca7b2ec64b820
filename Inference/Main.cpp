// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/BenchCommand.h"
#include "Inference/Commands/CheckConfigCommand.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/ForwardCommand.h"
#include "Inference/Commands/ImportWeightsCommand.h"
#include "Inference/Commands/InfoCommand.h"
#include "Inference/Commands/PhantomCommand.h"
#include "Inference/Commands/PredictCommand.h"
#include "Inference/Commands/RunCommand.h"
#include "Inference/Commands/ServeCommand.h"
#if defined(H3K27M_HAS_TRAINING)
#include "Inference/Commands/AblateCommand.h"
#include "Inference/Commands/BenchTrainingCommand.h"
#include "Inference/Commands/CompareCommand.h"
#include "Inference/Commands/CrossValidateCommand.h"
#include "Inference/Commands/EvaluateCommand.h"
#include "Inference/Commands/ExportTensorBoardCommand.h"
#include "Inference/Commands/GateCommand.h"
#include "Inference/Commands/MergeCommand.h"
#include "Inference/Commands/PretrainCommand.h"
#include "Inference/Commands/ReportCommand.h"
#include "Inference/Commands/TrainCommand.h"
#endif

#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <vector>

namespace
{
  using H3K27M::Commands::Command;
  namespace Commands = H3K27M::Commands;
  namespace ExitCode = H3K27M::Commands::ExitCode;

  constexpr std::array COMMANDS{
    Command{"serve", "answers the Orthanc plugin over an inherited socket", Commands::RunServe},
    Command{"predict", "predicts one NIfTI volume, or replays recorded requests", Commands::RunPredict},
    Command{"forward", "runs the bare network on a tensor, all in safetensors", Commands::RunForward},
    Command{"import-weights", "makes a model folder of published weights", Commands::RunImportWeights},
    Command{"info", "prints what this program, machine and model are", Commands::RunInfo},
    Command{"bench", "measures the bare network and one study", Commands::RunBench},
    Command{"phantom", "writes synthetic head volumes with tumours as a BIDS folder", Commands::RunPhantom},
#ifdef H3K27M_HAS_TRAINING
    Command{"train", "trains a model on a BIDS folder or on synthetic volumes", Commands::RunTrain},
    Command{"cross-validate", "trains and measures a model per fold of a BIDS folder", Commands::RunCrossValidate},
    Command{"pretrain", "pre-trains an encoder on volumes without labels", Commands::RunPretrain},
    Command{"ablate", "trains and compares the paper's six models", Commands::RunAblate},
    Command{"merge", "puts units of a run together that were computed apart", Commands::RunMerge},
    Command{"check-config", "says whether a run's configuration can be used", Commands::RunCheckConfig},
    Command{"compare", "puts two finished runs side by side", Commands::RunCompare},
    Command{"gate", "judges a model's promotion once more, by finished runs", Commands::RunGate},
    Command{"export-tensorboard", "writes a run's curves for TensorBoard", Commands::RunExportTensorBoard},
    Command{"report", "makes the report of a finished run anew", Commands::RunReport},
    Command{"bench-training", "measures training steps", Commands::RunBenchTraining},
    Command{"evaluate", "measures a model on held-out cases", Commands::RunEvaluate},
#endif
  };

  void PrintHelp(std::ostream& stream)
  {
    stream << "h3k27m " << H3K27M_VERSION
           << ": tumour mask and H3K27M status from axial T2-weighted MR. Research use only.\n\n"
              "Usage: h3k27m COMMAND [OPTIONS]\n\n";
    for (const Command& command : COMMANDS)
    {
      stream << "  " << command.name
             << std::string(20 - std::min<std::size_t>(19, std::string(command.name).size()), ' ') << command.summary
             << "\n";
    }
    stream << "\n`h3k27m COMMAND --help` lists the options.\n\n"
              "Exit codes: 0 done; 1 internal error; 2 wrong use; 3 bad input; 4 not found; 5 unavailable (may go\n"
              "through later); 6 cancelled; 7 the device's answer differs from fp32 by more than the tolerance.\n";
  }
}

int main(int argc, char** argv)
{
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help")
  {
    PrintHelp(arguments.empty() ? std::cerr : std::cout);
    return arguments.empty() ? ExitCode::USAGE : ExitCode::OK;
  }
  if (arguments[0] == "--version")
  {
    std::cout << "h3k27m " << H3K27M_VERSION << "\n";
    return ExitCode::OK;
  }
  const auto* command = std::find_if(COMMANDS.begin(), COMMANDS.end(),
                                     [&arguments](const Command& known) { return arguments[0] == known.name; });
  if (command == COMMANDS.end())
  {
    std::cerr << "h3k27m: the command '" << arguments[0] << "' is not known (see h3k27m --help)\n";
    return ExitCode::USAGE;
  }
  return Commands::RunCommand(*command, {arguments.begin() + 1, arguments.end()}, std::cerr);
}
