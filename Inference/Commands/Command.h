// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/ExitCode.h"

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  namespace ExitCode = Protocol::ExitCode;

  // One sub-command of h3k27m. Inference/Main.cpp holds the table.
  struct Command
  {
    const char* name;
    const char* summary;  // one line for `h3k27m --help`

    // `arguments`: what follows the name. Returns an exit code; throws Error, or what LibTorch throws:
    // RunCommand() turns it into one line on standard error and an exit code.
    int (*run)(const std::vector<std::string>& arguments);
  };
}
