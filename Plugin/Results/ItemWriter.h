// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"

#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dctag.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Results
{
  // Sets attributes of a dataset or sequence item, replacing what is there. Refers to the item; short-lived. Each call
  // throws Internal, naming the tag, when DCMTK refuses.
  class ItemWriter
  {
  public:
    explicit ItemWriter(DcmItem& item);

    DcmItem& GetItem() const noexcept
    {
      return item_;
    }

    // Any attribute of a text-like VR, UIDs and dates included; empty text makes an empty attribute.
    ItemWriter& Text(const DcmTag& tag, const std::string& value);

    // Several values in one attribute.
    ItemWriter& Texts(const DcmTag& tag, std::span<const std::string> values);

    // DS: each text of the source to the letter, or the number that it means where the text is longer than DS may be.
    ItemWriter& Decimals(const DcmTag& tag, std::span<const std::string> texts, std::span<const double> numbers);

    ItemWriter& Unsigned(const DcmTag& tag, std::uint16_t value);                            // US
    ItemWriter& UnsignedLongs(const DcmTag& tag, const std::vector<std::uint32_t>& values);  // UL
    ItemWriter& Floats(const DcmTag& tag, const std::vector<float>& values);                 // FL
    ItemWriter& Bytes(const DcmTag& tag, const std::vector<std::uint8_t>& values);   // OB; an odd length is padded
    ItemWriter& Words(const DcmTag& tag, const std::vector<std::uint16_t>& values);  // OW and US lists
    ItemWriter& TagPointer(const DcmTag& tag, const DcmTagKey& value);               // AT
    ItemWriter& EmptySequence(const DcmTag& tag);

    // A new item at the end of a sequence, which is made when it is not there.
    ItemWriter AddItem(const DcmTag& sequence);

    // A new item that holds a code.
    ItemWriter AddCode(const DcmTag& sequence, const Code& code);

  private:
    DcmItem& item_;
  };

  // Decimal string (DS, at most 16 characters) that is nearest to the number. Throws BadInput when it is not finite.
  std::string ToDecimalString(double value);

  // Decimal string rounded to thousandths, without trailing zeros: measurements that people read.
  std::string ToRoundedDecimalString(double value);
}
