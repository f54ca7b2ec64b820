// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m cross-validate`: k networks on the folds of a BIDS folder, out-of-fold and external metrics.
  // Returns the exit code; throws Error for what main() reports.
  int RunCrossValidate(const std::vector<std::string>& arguments);
}
