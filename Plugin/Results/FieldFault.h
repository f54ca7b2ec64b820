// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Results
{
  // What is wrong with a field of a report that a person makes (label, review), for that person.
  struct FieldFault
  {
    std::string key;  // as in REST: "pre_operative"
    std::string wanted;
  };

  // Bytes of a person name's component group, and of a text of VR LO (PS3.5 section 6.2).
  inline constexpr std::size_t MAXIMUM_NAME = 64;

  // At most `longest` bytes of UTF-8 without control characters; may be empty.
  bool IsOneLine(const std::string& value, std::size_t longest);

  // Each adds a fault unless the value is what it must be.

  // One line of 1 to `longest` bytes of UTF-8 without blanks at its ends, which DICOM would drop.
  void CheckLine(std::vector<FieldFault>& faults, const char* key, const std::string& value, std::size_t longest);

  // A line of at most MAXIMUM_NAME bytes without backslash and equals sign, which part the values and the groups of a
  // person's name.
  void CheckName(std::vector<FieldFault>& faults, const char* key, const std::string& value);

  // From 1970 to 9999: a DT has four digits for the year.
  void CheckTime(std::vector<FieldFault>& faults, const char* key, std::int64_t ms);

  // Throws Error(code) with all faults behind `what`; returns when there is none.
  void ThrowIfAny(const std::vector<FieldFault>& faults, ErrorCode code, const std::string& what);
}
