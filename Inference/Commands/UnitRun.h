// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/RunCommandLine.h"
#include "Inference/Commands/RunEvents.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Reports/RunReport.h"

#include <string>

namespace H3K27M::Commands
{
  // --unit, --list-units, --check: of a run whose units are independent, so that machines may share them.
  inline void AddUnitOptions(boost::program_options::options_description& options)
  {
    options.add_options()("unit", boost::program_options::value<std::size_t>(),
                          "run this unit alone, counted from 0; `merge` puts them together")(
      "list-units", "print the names of the units, in order, make the folder of the run, and leave")(
      "check", "judge configuration and data, and leave");
  }

  // Of units that run apart none is the first: each may find the folder there.
  inline bool MayFindFolder(const RunOptions& options, const boost::program_options::variables_map& values)
  {
    return options.resumes || values.count("unit") != 0 || values.count("list-units") != 0;
  }

  // What the options ask of `run`, a Runs::Ablation or Runs::CrossValidation: its units' names, one unit, or everything
  // with the report.
  template <typename Run>
  int PerformUnits(Run& run, const RunOptions& options, const boost::program_options::variables_map& values,
                   const StandardOutput& output, RunEvents& events)
  {
    if (values.count("list-units") != 0)
    {
      for (std::size_t unit = 0; unit < run.CountUnits(); unit++)
      {
        output.WriteLine(std::to_string(unit) + " " + run.GetUnitName(unit));
      }
      return ExitCode::OK;
    }
    events.Follow(options.output, run.CountUnits());
    if (values.count("unit") != 0)
    {
      run.RunUnit(values["unit"].as<std::size_t>());
      return ExitCode::OK;
    }
    const Json::Value metrics = run.Run();
    Reports::WriteRunReport(options.output);
    output.WriteLine(Protocol::WriteCompactJson(metrics));
    return ExitCode::OK;
  }
}
