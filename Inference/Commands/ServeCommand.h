// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m serve --fd N --model DIR`: what the plugin starts. See Command::run.
  int RunServe(const std::vector<std::string>& arguments);
}
