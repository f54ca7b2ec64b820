// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/UtcDateTime.h"

#include "Plugin/Results/ContentDateTime.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::size_t SECONDS_END = 14;  // YYYYMMDDHHMMSS

    bool IsDigit(char c)
    {
      return c >= '0' && c <= '9';
    }

    // Milliseconds of ".F" to ".FFFFFF"; empty when it is no fraction.
    std::optional<std::int64_t> ParseFraction(const std::string& text)
    {
      if (text.empty())
      {
        return 0;
      }
      if (text.size() < 2 || text.size() > 7 || text[0] != '.' || !std::all_of(text.begin() + 1, text.end(), IsDigit))
      {
        return std::nullopt;
      }
      return std::stoll((text.substr(1) + "00").substr(0, 3));
    }

    // Milliseconds of whole seconds in UTC; empty when there is no such day or time.
    std::optional<std::int64_t> ParseSeconds(const std::string& text)
    {
      if (text.size() != SECONDS_END || !std::all_of(text.begin(), text.end(), IsDigit))
      {
        return std::nullopt;
      }
      const auto number = [&text](std::size_t from, std::size_t size) { return std::stoi(text.substr(from, size)); };
      std::tm parts = {};
      parts.tm_year = number(0, 4) - 1900;
      parts.tm_mon = number(4, 2) - 1;
      parts.tm_mday = number(6, 2);
      parts.tm_hour = number(8, 2);
      parts.tm_min = number(10, 2);
      parts.tm_sec = number(12, 2);
      const std::tm asked = parts;
      const std::time_t seconds = timegm(&parts);  // turns 31 February into a day of March
      const bool exists = parts.tm_mon == asked.tm_mon && parts.tm_mday == asked.tm_mday &&
                          parts.tm_hour == asked.tm_hour && parts.tm_min == asked.tm_min &&
                          parts.tm_sec == asked.tm_sec;
      return exists ? std::optional<std::int64_t>(std::int64_t{seconds} * 1000) : std::nullopt;
    }
  }

  std::string ToUtcDateTime(std::int64_t ms)
  {
    // An hour ahead of UTC, and said to be: DCMTK 3.6.7 refuses a content item whose offset begins with +00.
    constexpr const char* OFFSET = "+0100";
    constexpr std::int64_t OFFSET_SECONDS = 3600;
    const ContentDateTime time = ContentDateTime::At(static_cast<std::time_t>(ms / 1000 + OFFSET_SECONDS), "+0000");
    std::array<char, 8> fraction = {};
    std::snprintf(fraction.data(), fraction.size(), ".%03d", static_cast<int>(ms % 1000));
    return time.date + time.time + fraction.data() + OFFSET;
  }

  std::optional<std::int64_t> ParseDateTime(const std::string& text)
  {
    const std::size_t end = std::min(text.find_first_of("+-"), text.size());
    const std::string offset = text.substr(end);
    const std::string local = text.substr(0, end);
    const std::optional<std::int64_t> seconds = ParseSeconds(local.substr(0, SECONDS_END));
    const std::optional<std::int64_t> fraction =
      local.size() < SECONDS_END ? std::nullopt : ParseFraction(local.substr(SECONDS_END));
    if (!seconds || !fraction || (!offset.empty() && !IsTimezoneOffset(offset)))
    {
      return std::nullopt;
    }
    const std::int64_t ms = *seconds + *fraction - (offset.empty() ? 0 : std::int64_t{60'000} * GetMinutes(offset));
    return ms < 0 ? std::nullopt : std::optional<std::int64_t>(ms);
  }
}
