// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // The promotion gate of a finished model, by what runs have on record. Returns an ExitCode.
  int RunGate(const std::vector<std::string>& arguments);
}
