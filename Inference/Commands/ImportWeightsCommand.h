// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m import-weights`: safetensors under the published names into a model folder.
  // Returns the exit code; throws Error for what main() reports.
  int RunImportWeights(const std::vector<std::string>& arguments);
}
