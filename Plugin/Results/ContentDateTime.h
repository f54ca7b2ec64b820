// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <string>

namespace H3K27M::Results
{
  // When a result was made, local time. Two makings of the same result differ in these attributes and in no other:
  // (0008,0012), (0008,0013) instance creation; (0008,0021), (0008,0031) series; (0008,0023), (0008,0033) content;
  // (0018,A002) contribution of our equipment.
  struct ContentDateTime
  {
    std::string date;  // DA: YYYYMMDD
    std::string time;  // TM: HHMMSS

    static ContentDateTime Now();

    bool operator==(const ContentDateTime&) const = default;
  };

  // "GGGG,EEEE" of the attributes above, upper-case hexadecimal: what a comparison of two makings leaves out.
  inline constexpr std::array<const char*, 7> TIME_DEPENDENT_ATTRIBUTES = {
    "0008,0012", "0008,0013", "0008,0021", "0008,0023", "0008,0031", "0008,0033", "0018,A002"};
}
