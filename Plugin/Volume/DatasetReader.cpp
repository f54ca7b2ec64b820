// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DatasetReader.h"


#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace H3K27M::Volume
{
  namespace
  {
    bool IsBinaryNumber(DcmEVR vr)
    {
      return vr == EVR_US || vr == EVR_SS || vr == EVR_UL || vr == EVR_SL || vr == EVR_FL || vr == EVR_FD ||
             vr == EVR_xs;
    }

    // Binary numbers of all widths, the first value.
    std::optional<double> GetBinaryNumber(DcmElement& element)
    {
      Float64 wide = 0;
      Float32 narrow = 0;
      Uint16 u16 = 0;
      Sint16 s16 = 0;
      Uint32 u32 = 0;
      Sint32 s32 = 0;
      if (element.getFloat64(wide).good())
      {
        return wide;
      }
      if (element.getFloat32(narrow).good())
      {
        return narrow;
      }
      if (element.getUint16(u16).good())
      {
        return u16;
      }
      if (element.getSint16(s16).good())
      {
        return s16;
      }
      if (element.getUint32(u32).good())
      {
        return u32;
      }
      if (element.getSint32(s32).good())
      {
        return s32;
      }
      return std::nullopt;
    }

    std::string Trim(const std::string& text)
    {
      const auto first = text.find_first_not_of(" \t\r\n");
      if (first == std::string::npos)
      {
        return std::string();
      }
      return text.substr(first, text.find_last_not_of(std::string_view(" \t\r\n\0", 5)) - first + 1);
    }

    bool IsPrintableAscii(char c)
    {
      return c >= 0x20 && c < 0x7F;
    }

    // A backslash is a character like any other in these (PS3.5 table 6.2-1).
    bool IsSingleValue(const DcmElement& element)
    {
      return element.ident() == EVR_ST || element.ident() == EVR_LT || element.ident() == EVR_UT;
    }

    std::vector<std::string> Split(const std::string& text, bool isSingleValue)
    {
      std::vector<std::string> values;
      std::size_t from = 0;
      for (std::size_t to = isSingleValue ? std::string::npos : text.find('\\'); to != std::string::npos;
           to = text.find('\\', from))
      {
        values.push_back(Trim(text.substr(from, to - from)));
        from = to + 1;
      }
      values.push_back(Trim(text.substr(from)));
      return values;
    }
  }

  DatasetReader::DatasetReader(DcmItem& dataset)
  {
    items_.push_back(&dataset);
  }

  void DatasetReader::Append(DcmItem* item)
  {
    if (item != nullptr)
    {
      items_.push_back(item);
    }
  }

  DcmElement* DatasetReader::Find(const DcmTagKey& tag)
  {
    for (DcmItem* item : items_)
    {
      DcmElement* element = nullptr;
      if (item->findAndGetElement(tag, element).good() && element != nullptr && !element->isEmpty())
      {
        return element;
      }
    }
    return nullptr;
  }

  std::vector<std::string> DatasetReader::GetValues(const DcmTagKey& tag)
  {
    std::vector<std::string> values;
    DcmElement* element = Find(tag);
    if (element == nullptr || !element->isLeaf())
    {
      return values;
    }
    // Converted before it is split: half of a Chinese or Japanese character may be the byte of a backslash.
    OFString whole;
    if (element->isAffectedBySpecificCharacterSet() && element->getOFStringArray(whole, OFFalse).good() &&
        !std::all_of(whole.begin(), whole.end(), IsPrintableAscii))
    {
      const bool isSingleValue = IsSingleValue(*element);
      if (const auto text = ToUtf8(std::string(whole.c_str(), whole.length()), isSingleValue))
      {
        return Split(*text, isSingleValue);
      }
    }
    const unsigned long count = element->getVM();
    for (unsigned long i = 0; i < count; ++i)
    {
      OFString value;
      if (element->getOFString(value, i).bad())
      {
        break;
      }
      // Undeclared bytes: kept out of JSON answers rather than guessed.
      std::replace_if(value.begin(), value.end(), [](char c) { return !IsPrintableAscii(c); }, '?');
      values.push_back(Trim(std::string(value.c_str(), value.length())));
    }
    return values;
  }

  std::string DatasetReader::GetText(const DcmTagKey& tag)
  {
    std::vector<std::string> values = GetValues(tag);
    return values.empty() ? std::string() : values.front();
  }

  std::optional<double> DatasetReader::GetNumber(const DcmTagKey& tag)
  {
    DcmElement* element = Find(tag);
    if (element == nullptr)
    {
      return std::nullopt;
    }
    const std::optional<double> number =
      IsBinaryNumber(element->ident()) ? GetBinaryNumber(*element) : ParseDecimal(GetText(tag));
    return number && std::isfinite(*number) ? number : std::nullopt;
  }

  std::optional<long long> DatasetReader::GetInteger(const DcmTagKey& tag)
  {
    const std::optional<double> number = GetNumber(tag);
    constexpr double LIMIT = 9e15;
    if (!number || std::abs(*number) > LIMIT || *number != std::floor(*number))
    {
      return std::nullopt;
    }
    return static_cast<long long>(*number);
  }

  std::optional<std::string> DatasetReader::ToUtf8(const std::string& text, bool isSingleValue)
  {
    if (!isSelected_)
    {
      OFString sets;
      items_.front()->findAndGetOFStringArray(DCM_SpecificCharacterSet, sets);
      const std::string name(sets.c_str(), sets.length());
      upperHalf_ = FindUpperHalf(name);
      if (IsJapanese(name))
      {
        conversion_ = Conversion::Japanese;
      }
      else if (characterSet_.selectCharacterSet(sets, "ISO_IR 192").good())
      {
        conversion_ = Conversion::Dcmtk;
      }
      isSelected_ = true;
    }
    if (conversion_ == Conversion::Japanese)
    {
      return ConvertJapaneseText(text, upperHalf_);
    }
    OFString converted;
    // Code extensions end at a delimiter (PS3.5 6.1.2.5.3).
    if (conversion_ == Conversion::None ||
        characterSet_
          .convertString(OFString(text.data(), text.size()), converted, isSingleValue ? OFString() : OFString("\\"))
          .bad())
    {
      return std::nullopt;
    }
    return std::string(converted.c_str(), converted.length());
  }

  std::optional<double> ParseDecimal(const std::string& text)
  {
    const char* first = text.data();
    const char* last = first + text.size();
    // from_chars knows no plus sign, DS allows one (PS3.5 table 6.2-1).
    if (first != last && *first == '+')
    {
      ++first;
    }
    double value = 0;
    const auto result = std::from_chars(first, last, value);
    const bool isNumber = result.ec == std::errc() || result.ec == std::errc::result_out_of_range;
    if (result.ptr != last || first == last || !isNumber)
    {
      return std::nullopt;
    }
    return result.ec == std::errc() ? value : HUGE_VAL;
  }

  DcmItem* GetFirstItem(DcmItem& item, const DcmTagKey& tag)
  {
    DcmItem* first = nullptr;
    return item.findAndGetSequenceItem(tag, first, 0).good() ? first : nullptr;
  }

  // DCMTK finds the n-th item by counting from the first, the next one at once.
  std::vector<DcmItem*> GetItems(DcmItem& item, const DcmTagKey& tag)
  {
    std::vector<DcmItem*> items;
    DcmSequenceOfItems* sequence = nullptr;
    if (item.findAndGetSequence(tag, sequence).bad() || sequence == nullptr)
    {
      return items;
    }
    for (DcmObject* object = sequence->nextInContainer(nullptr); object != nullptr;
         object = sequence->nextInContainer(object))
    {
      if (auto* const found = dynamic_cast<DcmItem*>(object))
      {
        items.push_back(found);
      }
    }
    return items;
  }
}
