// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/Command.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Runs the command and turns what it throws into its message on `errors` and an exit code: exhausted memory, of the
  // host or of a GPU, may go through later. Throws nothing that is a std::exception.
  int RunCommand(const Command& command, const std::vector<std::string>& arguments, std::ostream& errors);
}
