// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m info [--model DIR]`: what this program and machine can do. See Command::run.
  int RunInfo(const std::vector<std::string>& arguments);
}
