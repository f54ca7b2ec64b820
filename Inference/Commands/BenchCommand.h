// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m bench`: milliseconds per slice of the bare network, and of what is round it. See Command::run.
  int RunBench(const std::vector<std::string>& arguments);
}
