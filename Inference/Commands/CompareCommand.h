// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Two finished runs side by side. Returns an ExitCode.
  int RunCompare(const std::vector<std::string>& arguments);
}
