// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/JapaneseText.h"

#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dctagkey.h>

#include <optional>
#include <string>
#include <vector>

class DcmElement;
class DcmItem;

namespace H3K27M::Volume
{
  // Looks tags up in a list of items, first hit first: a dataset, then the functional groups of a frame. Only for
  // .cpp files (DCMTK's headers are heavy). Not thread-safe; the items must outlive it.
  class DatasetReader
  {
  public:
    // The character set (0008,0005) is that of `dataset`.
    explicit DatasetReader(DcmItem& dataset);

    // Also searches `item`, after all those before it.
    void Append(DcmItem* item);

    // One entry per value, trimmed, UTF-8; empty when the tag is absent or empty.
    std::vector<std::string> GetValues(const DcmTagKey& tag);

    // The first value, or an empty string.
    std::string GetText(const DcmTagKey& tag);

    // The first value as a number; empty when absent, or no finite number.
    std::optional<double> GetNumber(const DcmTagKey& tag);

    std::optional<long long> GetInteger(const DcmTagKey& tag);

    // The first element of that tag that holds a value, or null.
    DcmElement* Find(const DcmTagKey& tag);

  private:
    enum class Conversion
    {
      None,
      Dcmtk,
      Japanese
    };

    // All values of a text beyond ASCII in UTF-8, still parted by backslashes; empty where the bytes are not of the
    // character set.
    std::optional<std::string> ToUtf8(const std::string& text, bool isSingleValue);

    std::vector<DcmItem*> items_;
    DcmSpecificCharacterSet characterSet_;  // opened at the first text that needs it
    bool isSelected_ = false;
    UpperHalf upperHalf_ = UpperHalf::None;  // where the conversion is of Japanese text
    Conversion conversion_ = Conversion::None;
  };

  // The whole of `text` as a number (DICOM DS, IS), which may be NaN or infinite; empty when it is none.
  std::optional<double> ParseDecimal(const std::string& text);

  // The first item of the sequence `tag` of `item`, or null.
  DcmItem* GetFirstItem(DcmItem& item, const DcmTagKey& tag);

  // All items of the sequence `tag` of `item`; none when it is absent.
  std::vector<DcmItem*> GetItems(DcmItem& item, const DcmTagKey& tag);
}
