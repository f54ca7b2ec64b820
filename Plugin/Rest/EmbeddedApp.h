// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <map>
#include <string>

namespace H3K27M::Rest
{
  // The files of Resources/App as they were when the plugin was built, by name.
  const std::map<std::string, std::string>& GetEmbeddedApp();
}
