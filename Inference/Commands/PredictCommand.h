// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m predict FILE`: one volume or recorded request in, JSON (and a mask) out. See Command::run.
  int RunPredict(const std::vector<std::string>& arguments);
}
