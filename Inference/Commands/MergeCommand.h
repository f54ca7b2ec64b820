// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Puts the units of a run together that were computed apart. Returns an ExitCode.
  int RunMerge(const std::vector<std::string>& arguments);
}
