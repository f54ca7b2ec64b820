// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/GateCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Runs/RecordedGate.h"

#include <unistd.h>

#include <filesystem>

namespace H3K27M::Commands
{
  int RunGate(const std::vector<std::string>& arguments)
  {
    namespace po = boost::program_options;
    Runs::RecordedModel candidate;
    Runs::RecordedModel baseline;
    int descriptor = STDOUT_FILENO;
    CommandLine line;
    line.usage = "gate --candidate MODEL --candidate-run DIR... --baseline MODEL --baseline-run DIR... [OPTIONS]";
    line.description =
      "Judges whether a finished model may take the place of another one, by the scores of the same external patients\n"
      "that finished runs have on record, and prints the verdict as one line of JSON; margin and number of patients\n"
      "are those of the candidate's own run. Nothing is computed with a network, and nothing is written. What cannot\n"
      "be compared has not passed: `reason` says why, and there is no `comparison`. Research use only.";
    line.options.add_options()("candidate", po::value(&candidate.model)->required(), "folder of the model")(
      "candidate-run", po::value(&candidate.runs)->composing(),
      "folder of the cross-validation that made it, or of an evaluation; repeatable, the first that fits is taken")(
      "baseline", po::value(&baseline.model)->required(), "folder of the model that serves")(
      "baseline-run", po::value(&baseline.runs)->composing(), "the same of it; repeatable")(
      "fd", po::value(&descriptor), "number of an open descriptor to write to instead of standard output");
    if (!line.Parse(arguments))
    {
      return ExitCode::OK;
    }
    const StandardOutput output(descriptor);
    output.WriteLine(Protocol::WriteCompactJson(Runs::JudgeByRecords(candidate, baseline)));
    return ExitCode::OK;
  }
}
