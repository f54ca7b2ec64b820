// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Data
{
  // Throws Error(BadInput) with `title` and all faults, one to a line, when there is one.
  void ThrowFaults(const std::string& title, const std::vector<std::string>& faults);
}
