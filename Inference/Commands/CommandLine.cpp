// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/CommandLine.h"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

#include <iostream>

namespace H3K27M::Commands
{
  namespace po = boost::program_options;

  std::optional<po::variables_map> CommandLine::Parse(const std::vector<std::string>& arguments) const
  {
    po::options_description all = options;
    all.add_options()("help", "show this text and leave");
    try
    {
      constexpr int STYLE = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
      po::variables_map values;
      po::store(po::command_line_parser(arguments).options(all).positional(positional).style(STYLE).run(), values);
      if (values.count("help") != 0)
      {
        std::cout << "Usage: h3k27m " << usage << "\n\n" << description << "\n\n" << all;
        return std::nullopt;
      }
      po::notify(values);
      return values;
    }
    catch (const po::error& error)
    {
      throw UsageError(std::string(error.what()) + " (see: h3k27m " + usage.substr(0, usage.find(' ')) + " --help)");
    }
  }
}
