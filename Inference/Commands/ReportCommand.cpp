// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/ReportCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Training/Reports/RunReport.h"

#include <filesystem>

namespace H3K27M::Commands
{
  int RunReport(const std::vector<std::string>& arguments)
  {
    namespace po = boost::program_options;
    std::filesystem::path run;
    CommandLine line;
    line.usage = "report --run DIR";
    line.description = "Makes the report of a finished cross-validation or ablation anew, from its folder alone:\n"
                       "RUN/report/index.html (one page, no script), figures as SVG with the gnuplot scripts they are\n"
                       "made by, tables as CSV. Research use only.";
    line.options.add_options()("run", po::value(&run)->required(), "folder of the run");
    if (!line.Parse(arguments))
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    output.WriteLine(Reports::WriteRunReport(run).string());
    return ExitCode::OK;
  }
}
