// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Rest
{
  // Resources/openapi.json as it was when the plugin was built.
  std::string GetEmbeddedOpenApi();
}
