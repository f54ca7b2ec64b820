// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <ctime>
#include <string>

namespace H3K27M::Results
{
  // When a result was made: in the time zone that the source states for its own times, since a data set has one
  // (0008,0201) for all of them; where it states none, in the machine's. Two makings of the same result differ in these
  // attributes and in no other: (0008,0012), (0008,0013) instance creation; (0008,0021), (0008,0031) series;
  // (0008,0023), (0008,0033) content; (0018,A002) contribution of our equipment.
  struct ContentDateTime
  {
    std::string date;    // DA: YYYYMMDD
    std::string time;    // TM: HHMMSS
    std::string offset;  // of both from UTC, as in (0008,0201): "+0900"

    // `timezoneOffset`: that of the source; the machine's own where it is no offset.
    static ContentDateTime At(std::time_t time, const std::string& timezoneOffset);

    static ContentDateTime Now(const std::string& timezoneOffset = std::string());

    // This, or a second after the given date and time (DA, TM without a fraction, of the same offset) if that is later:
    // where the newest of several objects counts, a clock that was set back makes none the older one. What cannot be
    // read as a date and time changes nothing.
    ContentDateTime After(const std::string& earlierDate, const std::string& earlierTime) const;

    // DT, with the offset: means the same wherever it is read.
    std::string ToDateTime() const
    {
      return date + time + offset;
    }

    bool operator==(const ContentDateTime&) const = default;
  };

  // Timezone Offset From UTC (0008,0201): "&ZZXX", -1200 to +1400 (PS3.3 C.12.1.1.8); -0000 is none.
  bool IsTimezoneOffset(const std::string& text) noexcept;

  // Minutes from UTC of a text that IsTimezoneOffset().
  int GetMinutes(const std::string& offset) noexcept;

  // "GGGG,EEEE" of the attributes above, upper-case hexadecimal: what a comparison of two makings leaves out.
  inline constexpr std::array<const char*, 7> TIME_DEPENDENT_ATTRIBUTES = {
    "0008,0012", "0008,0013", "0008,0021", "0008,0023", "0008,0031", "0008,0033", "0018,A002"};
}
