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

  namespace
  {
    std::string Format(const std::tm& parts, const char* pattern)
    {
      std::array<char, 16> buffer = {};
      std::strftime(buffer.data(), buffer.size(), pattern, &parts);
      return std::string(buffer.data());
    }
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

    return {Format(parts, "%Y%m%d"), Format(parts, "%H%M%S"),
            IsTimezoneOffset(timezoneOffset) ? timezoneOffset : Format(parts, "%z")};
  }

  ContentDateTime ContentDateTime::After(const std::string& earlierDate, const std::string& earlierTime) const
  {
    std::tm parts = {};
    const std::string earlier = earlierDate + earlierTime;
    const char* const end = strptime(earlier.c_str(), "%Y%m%d%H%M%S", &parts);

    if (earlier.size() != 14 || end != earlier.c_str() + earlier.size() || date + time > earlier)
    {
      return *this;
    }

    const std::time_t next = timegm(&parts) + 1;  // the calendar alone: both are of one offset
    gmtime_r(&next, &parts);
    return {Format(parts, "%Y%m%d"), Format(parts, "%H%M%S"), offset};
  }

  ContentDateTime ContentDateTime::Now(const std::string& timezoneOffset)
  {
    return At(std::time(nullptr), timezoneOffset);
  }
}
