// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Says whether a run's configuration can be used. Returns an ExitCode.
  int RunCheckConfig(const std::vector<std::string>& arguments);
}
