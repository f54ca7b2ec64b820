// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace H3K27M::Support
{
  // Well-formed UTF-8 (Unicode 15, table 3-7): no overlong sequence, no surrogate, nothing above U+10FFFF.
  bool IsUtf8(std::string_view text) noexcept;

  // `codePoint` must be one of Unicode's, and no surrogate.
  void AppendUtf8(std::string& target, std::uint32_t codePoint);
}
