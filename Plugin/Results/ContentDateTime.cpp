// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ContentDateTime.h"

#include <array>
#include <ctime>

namespace H3K27M::Results
{
  int GetMinutes(const std::string& offset) noexcept
  {
    const auto digit = [&offset](std::size_t i) { return offset[i] - '0'; };
    const int minutes = (digit(1) * 10 + digit(2)) * 60 + digit(3) * 10 + digit(4);
    return offset[0] == '-' ? -minutes : minutes;
  }

  bool IsTimezoneOffset(const std::string& text) noexcept
  {
    constexpr int EARLIEST = -12 * 60;
    constexpr int LATEST = 14 * 60;
    if (text.size() != 5 || (text[0] != '+' && text[0] != '-') ||
        text.find_first_not_of("0123456789", 1) != std::string::npos || text[3] > '5' || text == "-0000")
    {
      return false;
    }
    const int minutes = GetMinutes(text);
    return minutes >= EARLIEST && minutes <= LATEST;
  }

  ContentDateTime ContentDateTime::At(std::time_t time, const std::string& timezoneOffset)
  {
    std::tm parts = {};
    if (IsTimezoneOffset(timezoneOffset))
    {
      const std::time_t shifted = time + std::time_t{60} * GetMinutes(timezoneOffset);
      gmtime_r(&shifted, &parts);
    }
    else
    {
      localtime_r(&time, &parts);
    }

    const auto format = [&parts](const char* pattern)
    {
      std::array<char, 16> buffer = {};
      std::strftime(buffer.data(), buffer.size(), pattern, &parts);
      return std::string(buffer.data());
    };
    return {format("%Y%m%d"), format("%H%M%S"), IsTimezoneOffset(timezoneOffset) ? timezoneOffset : format("%z")};
  }

  ContentDateTime ContentDateTime::Now(const std::string& timezoneOffset)
  {
    return At(std::time(nullptr), timezoneOffset);
  }
}
