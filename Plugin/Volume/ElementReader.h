// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace H3K27M::Volume
{
  inline constexpr std::uint16_t ITEM_GROUP = 0xFFFE;
  inline constexpr std::uint16_t ITEM = 0xE000;
  inline constexpr std::uint16_t ITEM_DELIMITER = 0xE00D;
  inline constexpr std::uint16_t SEQUENCE_DELIMITER = 0xE0DD;

  struct ElementHeader
  {
    std::uint16_t group = 0;
    std::uint16_t element = 0;
    std::string_view vr;  // empty in implicit VR and for items
    std::uint32_t length = 0;
    std::uint64_t valueOffset = 0;
  };

  // Reads the headers of DICOM elements (PS3.5 section 7.1) at any byte of a file, never beyond its end. The file must
  // outlive it. Not thread-safe.
  class ElementReader
  {
  public:
    ElementReader(std::string_view file, bool isBigEndian);

    // False when the file ends first or there is no VR; GetFailure() then says so.
    bool Read(ElementHeader& header, std::uint64_t position, bool isExplicitVr);

    // Whether a value begins like a sequence does: implicit VR does not say which elements are sequences.
    bool StartsWithItem(std::uint64_t position) const;

    std::uint64_t GetSize() const
    {
      return file_.size();
    }

    const std::string& GetFailure() const
    {
      return failure_;
    }

  private:
    bool ReadExplicit(ElementHeader& header, std::uint64_t position);
    std::uint16_t ReadU16(std::uint64_t position) const;
    std::uint32_t ReadU32(std::uint64_t position) const;

    std::string_view file_;
    bool isBigEndian_;
    std::string failure_;
  };

  // "(0028,0010)"
  std::string FormatTag(std::uint16_t group, std::uint16_t element);
}
