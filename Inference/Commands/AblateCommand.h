// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Trains and compares the paper's six models. Returns an ExitCode.
  int RunAblate(const std::vector<std::string>& arguments);
}
