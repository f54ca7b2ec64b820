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

  // Whether bytes from A1 to DF are half-width katakana (JIS X 0201) there: ISO_IR 13 or ISO 2022 IR 13.
  bool HasKatakana(const std::string& specificCharacterSet);

  // Text with the code extensions of PS3.5 annex H to UTF-8: JIS X 0208 and 0212 by escape sequences, half-width
  // katakana (JIS X 0201) as bytes from A1 to DF where `hasKatakana`. Nothing when the bytes are not of that kind.
  std::optional<std::string> ConvertJapaneseText(const std::string& text, bool hasKatakana);

  // Converts all texts of an item, those in sequences too. False when one cannot be converted: the item is then of no
  // use any more.
  bool ConvertJapaneseItem(DcmItem& item, bool hasKatakana);
}
