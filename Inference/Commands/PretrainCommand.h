// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // Pre-trains an encoder on volumes without labels. Returns an ExitCode.
  int RunPretrain(const std::vector<std::string>& arguments);
}
