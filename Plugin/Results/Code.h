// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Results
{
  // A coded concept (PS3.3 section 8): value, scheme designator, meaning.
  struct Code
  {
    std::string value;
    std::string scheme;
    std::string meaning;

    bool operator==(const Code&) const = default;
  };
}
