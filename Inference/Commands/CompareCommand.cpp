// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/CompareCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Reports/RunComparison.h"

#include <unistd.h>

#include <json/writer.h>

#include <filesystem>

namespace H3K27M::Commands
{
  int RunCompare(const std::vector<std::string>& arguments)
  {
    namespace po = boost::program_options;
    std::filesystem::path a;
    std::filesystem::path b;
    int descriptor = STDOUT_FILENO;
    CommandLine line;
    line.usage = "compare --a DIR --b DIR [OPTIONS]";
    line.description =
      "Prints two finished runs side by side as one JSON object: the keys of the configuration that differ, the data,\n"
      "the metrics with their 95 % intervals, and, where both measured the same patients, the paired differences\n"
      "(DeLong, McNemar, bootstrap), a minus b. Says why where there is none. Research use only.";
    line.options.add_options()("a", po::value(&a)->required(), "folder of the one run")(
      "b", po::value(&b)->required(), "folder of the other run")("json", "in one line")(
      "fd", po::value(&descriptor), "number of an open descriptor to write to instead of standard output");
    const auto values = line.Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output(descriptor);
    const Json::Value comparison = Reports::CompareRuns(a, b);
    if (values->count("json") != 0)
    {
      output.WriteLine(Protocol::WriteCompactJson(comparison));
      return ExitCode::OK;
    }
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "  ";
    builder["precision"] = 6;
    builder["precisionType"] = "significant";
    output.WriteLine(Json::writeString(builder, comparison));
    return ExitCode::OK;
  }
}
