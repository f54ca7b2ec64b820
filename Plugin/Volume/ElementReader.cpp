// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/ElementReader.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace H3K27M::Volume
{
  namespace
  {
    // Whether the length field is 32 bits wide in explicit VR: of all but these (PS3.5 table 7.1-2), and so of VRs that
    // nobody knows. DCMTK reads those so too, and the two must agree: what it reads as a length is what it allocates.
    bool HasLongLength(std::string_view vr)
    {
      constexpr std::array<std::string_view, 21> SHORT = {"AE", "AS", "AT", "CS", "DA", "DS", "DT",
                                                          "FD", "FL", "IS", "LO", "LT", "PN", "SH",
                                                          "SL", "SS", "ST", "TM", "UI", "UL", "US"};
      return std::find(SHORT.begin(), SHORT.end(), vr) == SHORT.end();
    }
  }

  ElementReader::ElementReader(std::string_view file, bool isBigEndian) :
    file_(file),
    isBigEndian_(isBigEndian)
  {
  }

  bool ElementReader::Read(ElementHeader& header, std::uint64_t position, bool isExplicitVr)
  {
    if (position + 8 > file_.size())
    {
      failure_ = "the file is truncated: it ends within the header of the element at byte " + std::to_string(position);
      return false;
    }
    header.group = ReadU16(position);
    header.element = ReadU16(position + 2);
    header.vr = std::string_view();
    if (header.group == ITEM_GROUP || !isExplicitVr)
    {
      header.length = ReadU32(position + 4);
      header.valueOffset = position + 8;
      return true;
    }
    return ReadExplicit(header, position);
  }

  bool ElementReader::StartsWithItem(std::uint64_t position) const
  {
    return position + 8 <= file_.size() && ReadU16(position) == ITEM_GROUP && ReadU16(position + 2) == ITEM;
  }

  bool ElementReader::ReadExplicit(ElementHeader& header, std::uint64_t position)
  {
    header.vr = file_.substr(position + 4, 2);
    if (header.vr[0] < 'A' || header.vr[0] > 'Z' || header.vr[1] < 'A' || header.vr[1] > 'Z')
    {
      failure_ = "the element " + FormatTag(header.group, header.element) + " at byte " + std::to_string(position) +
                 " has no value representation";
      return false;
    }
    if (!HasLongLength(header.vr))
    {
      header.length = ReadU16(position + 6);
      header.valueOffset = position + 8;
      return true;
    }
    if (position + 12 > file_.size())
    {
      failure_ = "the file is truncated within the header of " + FormatTag(header.group, header.element);
      return false;
    }
    header.length = ReadU32(position + 8);
    header.valueOffset = position + 12;
    return true;
  }

  std::uint16_t ElementReader::ReadU16(std::uint64_t position) const
  {
    const auto a = static_cast<unsigned char>(file_[position]);
    const auto b = static_cast<unsigned char>(file_[position + 1]);
    return static_cast<std::uint16_t>(isBigEndian_ ? (a << 8) | b : (b << 8) | a);
  }

  std::uint32_t ElementReader::ReadU32(std::uint64_t position) const
  {
    const std::uint32_t first = ReadU16(position);
    const std::uint32_t second = ReadU16(position + 2);
    return isBigEndian_ ? (first << 16) | second : (second << 16) | first;
  }

  std::string FormatTag(std::uint16_t group, std::uint16_t element)
  {
    char text[16];
    std::snprintf(text, sizeof(text), "(%04X,%04X)", group, element);
    return text;
  }
}
