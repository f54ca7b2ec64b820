// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m bench-training`: times co-training steps of the published network on slices of phantoms, and what of them
  // is waiting for data. Returns the exit code; throws Error for what main() reports.
  int RunBenchTraining(const std::vector<std::string>& arguments);
}
