// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>

class DcmItem;

namespace H3K27M::Volume
{
  // Whether Specific Character Set (0008,0005) names a Japanese one: ISO_IR 13 or ISO 2022 IR 13, 87, 159. DCMTK over
  // glibc's iconv cannot convert these, and dcmjs (thus OHIF) opens no object that has more than one character set.
  bool IsJapanese(const std::string& specificCharacterSet);

  // What bytes of the upper half are where the Japanese signs come by escape sequences (PS3.5 section 6.1.2.5).
  enum class UpperHalf
  {
    None,
    Katakana,  // half-width (JIS X 0201), from A1 to DF: ISO_IR 13 or ISO 2022 IR 13
    Latin1     // from A0 on: ISO_IR 100 or ISO 2022 IR 100, where no katakana are named
  };

  UpperHalf FindUpperHalf(const std::string& specificCharacterSet);

  // Text with the code extensions of PS3.5 annex H to UTF-8: JIS X 0208 and 0212 by escape sequences, the upper half as
  // `upper` says. Nothing when the bytes are not of that kind.
  std::optional<std::string> ConvertJapaneseText(const std::string& text, UpperHalf upper);

  // Converts all texts of an item, those in sequences too. False when one cannot be converted: the item is then of no
  // use any more.
  bool ConvertJapaneseItem(DcmItem& item, UpperHalf upper);
}
