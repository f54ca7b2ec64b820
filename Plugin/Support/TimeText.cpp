// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/TimeText.h"

#include <array>
#include <ctime>

namespace H3K27M::Support
{
  std::string ToRfc3339(UnixMs ms)
  {
    const std::time_t seconds = ms / 1000;
    std::tm parts = {};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text = {};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const std::string millis = std::to_string(ms % 1000);
    return std::string(text.data(), length) + "." + std::string(3 - millis.size(), '0') + millis + "Z";
  }
}
