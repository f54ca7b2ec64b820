// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Rest
{
  // Resources/explorer.js as it was when the plugin was built: what Orthanc Explorer adds to its own script.
  std::string GetEmbeddedExplorer();
}
