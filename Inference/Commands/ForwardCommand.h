// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m forward`: the bare network on a tensor, fp32, as published; what parity vectors are checked with.
  // Returns the exit code; throws Error for what main() reports.
  int RunForward(const std::vector<std::string>& arguments);
}
