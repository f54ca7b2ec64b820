// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Exit codes of h3k27m, documented in `h3k27m --help`.
  namespace ExitCode
  {
    constexpr int OK = 0;
    constexpr int INTERNAL = 1;
    constexpr int USAGE = 2;        // unknown command or option, missing argument
    constexpr int BAD_INPUT = 3;    // data, model or request at fault: again will not help
    constexpr int NOT_FOUND = 4;    // a file or folder that is not there
    constexpr int UNAVAILABLE = 5;  // disk full, device busy, peer gone: may go through later
    constexpr int CANCELLED = 6;
    constexpr int SELF_TEST = 7;  // the device's answer differs from fp32 by more than the tolerance
  }

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
