// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Volume
{
  // Whether pixels went through a lossy compression at any time (PS3.3 C.7.6.1.1.5), even if they lie uncompressed now.
  struct LossyCompression
  {
    bool isLossy = false;              // (0028,2110) 01, or a syntax that is always lossy
    std::vector<std::string> ratios;   // (0028,2112)
    std::vector<std::string> methods;  // (0028,2114)
    bool isUnknown = false;            // not stated, in a syntax that may be either
  };
}
