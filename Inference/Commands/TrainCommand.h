// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m train`: trains a network on phantoms made on the fly and writes a model folder.
  // Returns the exit code; throws Error for what main() reports.
  int RunTrain(const std::vector<std::string>& arguments);
}
