// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Wrong use of the command line: main() prints the text and a pointer to --help, and exits with ExitCode::USAGE.
  class UsageError : public std::runtime_error
  {
  public:
    using std::runtime_error::runtime_error;
  };

  // The options of one sub-command.
  struct CommandLine
  {
    std::string usage;                                               // "predict [OPTIONS] FILE"
    std::string description;                                         // what it reads and prints; several lines
    boost::program_options::options_description options{"Options"};  // --help is added
    boost::program_options::positional_options_description positional{};

    // The values, or nothing when --help was asked for (and printed). Options may not be abbreviated.
    // Throws UsageError naming the option at fault.
    std::optional<boost::program_options::variables_map> Parse(const std::vector<std::string>& arguments) const;
  };
}
