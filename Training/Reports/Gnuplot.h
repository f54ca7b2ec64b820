// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>
#include <string>

namespace H3K27M::Reports
{
  // Runs gnuplot in `folder` on a script that stands there. Throws Error(Unavailable) when it is not installed, and
  // Error(Internal) when it fails.
  void RunGnuplot(const std::filesystem::path& folder, const std::string& script);
}
