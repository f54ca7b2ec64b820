// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ItemWriter.h"

#include "Inference/Protocol/Error.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <array>
#include <charconv>
#include <cmath>

namespace H3K27M::Results
{
  namespace
  {
    constexpr long APPEND_ITEM = -2;
    constexpr std::size_t MAXIMUM_DS_LENGTH = 16;

    void Check(const OFCondition& condition, const DcmTag& tag)
    {
      if (condition.bad())
      {
        throw Error(ErrorCode::Internal, "Cannot set " + std::string(tag.toString().c_str()) + ": " + condition.text());
      }
    }
  }

  ItemWriter::ItemWriter(DcmItem& item) :
    item_(item)
  {
  }

  ItemWriter& ItemWriter::Text(const DcmTag& tag, const std::string& value)
  {
    Check(item_.putAndInsertOFStringArray(tag, OFString(value.data(), value.size())), tag);
    return *this;
  }

  ItemWriter& ItemWriter::Texts(const DcmTag& tag, std::span<const std::string> values)
  {
    std::string joined;
    for (const std::string& value : values)
    {
      joined.append(joined.empty() ? "" : "\\").append(value);
    }
    return Text(tag, joined);
  }

  ItemWriter& ItemWriter::Decimals(const DcmTag& tag, std::span<const std::string> texts,
                                   std::span<const double> numbers)
  {
    std::vector<std::string> values;
    values.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); i++)
    {
      values.push_back(texts[i].size() <= MAXIMUM_DS_LENGTH ? texts[i] : ToDecimalString(numbers[i]));
    }
    return Texts(tag, values);
  }

  ItemWriter& ItemWriter::Unsigned(const DcmTag& tag, std::uint16_t value)
  {
    Check(item_.putAndInsertUint16(tag, value), tag);
    return *this;
  }

  ItemWriter& ItemWriter::UnsignedLongs(const DcmTag& tag, const std::vector<std::uint32_t>& values)
  {
    Check(item_.putAndInsertUint32Array(tag, values.data(), static_cast<unsigned long>(values.size())), tag);
    return *this;
  }

  ItemWriter& ItemWriter::Floats(const DcmTag& tag, const std::vector<float>& values)
  {
    Check(item_.putAndInsertFloat32Array(tag, values.data(), static_cast<unsigned long>(values.size())), tag);
    return *this;
  }

  ItemWriter& ItemWriter::Bytes(const DcmTag& tag, const std::vector<std::uint8_t>& values)
  {
    Check(item_.putAndInsertUint8Array(tag, values.data(), static_cast<unsigned long>(values.size())), tag);
    return *this;
  }

  ItemWriter& ItemWriter::Words(const DcmTag& tag, const std::vector<std::uint16_t>& values)
  {
    Check(item_.putAndInsertUint16Array(tag, values.data(), static_cast<unsigned long>(values.size())), tag);
    return *this;
  }

  ItemWriter& ItemWriter::TagPointer(const DcmTag& tag, const DcmTagKey& value)
  {
    Check(item_.putAndInsertTagKey(tag, value), tag);
    return *this;
  }

  ItemWriter& ItemWriter::EmptySequence(const DcmTag& tag)
  {
    Check(item_.insertEmptyElement(tag), tag);
    return *this;
  }

  ItemWriter ItemWriter::AddItem(const DcmTag& sequence)
  {
    DcmItem* item = nullptr;
    Check(item_.findOrCreateSequenceItem(sequence, item, APPEND_ITEM), sequence);
    return ItemWriter(*item);
  }

  ItemWriter ItemWriter::AddCode(const DcmTag& sequence, const Code& code)
  {
    ItemWriter item = AddItem(sequence);
    item.Text(DCM_CodeValue, code.value);
    item.Text(DCM_CodingSchemeDesignator, code.scheme);
    item.Text(DCM_CodeMeaning, code.meaning);
    return item;
  }

  std::string ToDecimalString(double value)
  {
    if (!std::isfinite(value))
    {
      throw Error(ErrorCode::BadInput, "A number of the result is not finite");
    }

    // The shortest text that is exact where it fits, else with as many digits as fit.
    std::array<char, 64> buffer = {};
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    for (int precision = 15; static_cast<std::size_t>(end - buffer.data()) > MAXIMUM_DS_LENGTH; precision--)
    {
      end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, precision).ptr;
    }
    return std::string(buffer.data(), end);
  }

  std::string ToRoundedDecimalString(double value)
  {
    return ToDecimalString(std::round(value * 1000) / 1000);
  }
}
