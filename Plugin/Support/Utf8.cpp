// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/Utf8.h"

#include <cstddef>

namespace H3K27M::Support
{
  namespace
  {
    // Bytes of the sequence that `lead` begins; 0 when none does.
    std::size_t GetLength(std::uint8_t lead) noexcept
    {
      if (lead < 0x80)
      {
        return 1;
      }
      if (lead >= 0xC2 && lead <= 0xDF)
      {
        return 2;
      }
      if (lead >= 0xE0 && lead <= 0xEF)
      {
        return 3;
      }
      return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    }

    // Only the second byte tells overlong sequences, surrogates and what lies above Unicode's end.
    bool IsSecond(std::uint8_t lead, std::uint8_t second) noexcept
    {
      const std::uint8_t lowest = lead == 0xE0 ? 0xA0 : (lead == 0xF0 ? 0x90 : 0x80);
      const std::uint8_t highest = lead == 0xED ? 0x9F : (lead == 0xF4 ? 0x8F : 0xBF);
      return second >= lowest && second <= highest;
    }
  }

  bool IsUtf8(std::string_view text) noexcept
  {
    const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };

    for (std::size_t i = 0; i < text.size();)
    {
      const std::size_t length = GetLength(byte(i));

      if (length == 0 || length > text.size() - i || (length > 1 && !IsSecond(byte(i), byte(i + 1))))
      {
        return false;
      }

      for (std::size_t k = 2; k < length; k++)
      {
        if ((byte(i + k) & 0xC0) != 0x80)
        {
          return false;
        }
      }

      i += length;
    }

    return true;
  }

  void AppendUtf8(std::string& target, std::uint32_t codePoint)
  {
    const auto append = [&target](std::uint32_t byte) { target.push_back(static_cast<char>(byte)); };

    if (codePoint < 0x80)
    {
      append(codePoint);
    }
    else if (codePoint < 0x800)
    {
      append(0xC0 | (codePoint >> 6));
      append(0x80 | (codePoint & 0x3F));
    }
    else if (codePoint < 0x10000)
    {
      append(0xE0 | (codePoint >> 12));
      append(0x80 | ((codePoint >> 6) & 0x3F));
      append(0x80 | (codePoint & 0x3F));
    }
    else
    {
      append(0xF0 | (codePoint >> 18));
      append(0x80 | ((codePoint >> 12) & 0x3F));
      append(0x80 | ((codePoint >> 6) & 0x3F));
      append(0x80 | (codePoint & 0x3F));
    }
  }
}
