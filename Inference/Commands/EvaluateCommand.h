// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m evaluate`: a model on held-out phantoms, patient-level metrics with intervals.
  // Returns the exit code; throws Error for what main() reports.
  int RunEvaluate(const std::vector<std::string>& arguments);
}
