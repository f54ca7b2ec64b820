// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ContentDateTime.h"

#include <array>
#include <ctime>

namespace H3K27M::Results
{
  ContentDateTime ContentDateTime::Now()
  {
    const std::time_t now = std::time(nullptr);
    std::tm local = {};
    localtime_r(&now, &local);

    std::array<char, 16> date = {};
    std::array<char, 16> time = {};
    std::strftime(date.data(), date.size(), "%Y%m%d", &local);
    std::strftime(time.data(), time.size(), "%H%M%S", &local);
    return {date.data(), time.data()};
  }
}
