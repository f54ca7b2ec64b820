// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/JapaneseText.h"

#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <iconv.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>

namespace H3K27M::Volume
{
  namespace
  {
    constexpr std::uint8_t FIRST_KATAKANA = 0xA1;  // U+FF61
    constexpr std::uint8_t LAST_KATAKANA = 0xDF;
    constexpr std::uint8_t FIRST_LATIN1 = 0xA0;

    // Owns glibc's converter, whose state follows the escape sequences from one call to the next.
    class Converter
    {
    public:
      Converter() :
        handle_(iconv_open("UTF-8", "ISO-2022-JP-2"))
      {
      }

      ~Converter()
      {
        if (IsOpen())
        {
          iconv_close(handle_);
        }
      }

      Converter(const Converter&) = delete;
      Converter& operator=(const Converter&) = delete;

      bool IsOpen() const
      {
        return reinterpret_cast<std::intptr_t>(handle_) != -1;
      }

      // `text` is of 7 bits and ends between two characters.
      bool Append(std::string text, std::string& target)
      {
        char* source = text.data();
        std::size_t left = text.size();
        std::string buffer(text.size() * 4 + 8, '\0');
        char* out = buffer.data();
        std::size_t room = buffer.size();
        if (iconv(handle_, &source, &left, &out, &room) == static_cast<std::size_t>(-1))
        {
          return false;
        }
        target.append(buffer.data(), buffer.size() - room);
        return true;
      }

    private:
      iconv_t handle_;
    };

    // Escapes that iconv need not see: G1 = katakana or Latin-1 says nothing new, and JIS Roman differs from ASCII in
    // two signs of which one, 5C, parts the values of a DICOM attribute and must stay what it is.
    bool SkipEscape(const std::string& text, std::size_t& at, std::string& pending)
    {
      if (text.compare(at, 3, "\x1B)I") == 0 || text.compare(at, 3, "\x1B-A") == 0)
      {
        at += 3;
        return true;
      }
      if (text.compare(at, 3, "\x1B(J") == 0)
      {
        pending += "\x1B(B";
        at += 3;
        return true;
      }
      return false;
    }

    void AppendKatakana(std::string& target, std::uint8_t byte)
    {
      const unsigned character = 0xFF61u + (byte - FIRST_KATAKANA);
      target.push_back(static_cast<char>(0xE0u | (character >> 12)));
      target.push_back(static_cast<char>(0x80u | ((character >> 6) & 0x3Fu)));
      target.push_back(static_cast<char>(0x80u | (character & 0x3Fu)));
    }

    // A character of U+00A0 to U+00FF.
    void AppendLatin1(std::string& target, std::uint8_t byte)
    {
      target.push_back(static_cast<char>(0xC0u | (byte >> 6)));
      target.push_back(static_cast<char>(0x80u | (byte & 0x3Fu)));
    }

    // False where the byte is no character of that upper half.
    bool AppendUpperHalf(std::string& target, std::uint8_t byte, UpperHalf upper)
    {
      if (upper == UpperHalf::Latin1 && byte >= FIRST_LATIN1)
      {
        AppendLatin1(target, byte);
        return true;
      }
      if (upper == UpperHalf::Katakana && byte >= FIRST_KATAKANA && byte <= LAST_KATAKANA)
      {
        AppendKatakana(target, byte);
        return true;
      }
      return false;
    }

    // A term is a whole value: ISO_IR 13 is not found in ISO_IR 138 (Hebrew).
    bool HasTerm(const std::string& specificCharacterSet, std::initializer_list<const char*> terms)
    {
      std::string all(1, '\\');
      all.append(specificCharacterSet).append(1, '\\');
      return std::any_of(terms.begin(), terms.end(),
                         [&all](const char* term) { return all.find(term) != std::string::npos; });
    }

    bool ConvertElement(DcmElement& element, UpperHalf upper)
    {
      char* value = nullptr;
      Uint32 length = 0;
      if (element.getString(value, length).bad())
      {
        return false;
      }
      if (value == nullptr || length == 0)
      {
        return true;
      }
      const std::optional<std::string> converted = ConvertJapaneseText(std::string(value, length), upper);
      return converted && element.putOFStringArray(OFString(converted->data(), converted->size())).good();
    }
  }

  static bool ConvertSequence(DcmElement& element, UpperHalf upper)
  {
    auto* sequence = dynamic_cast<DcmSequenceOfItems*>(&element);
    for (unsigned long i = 0; sequence != nullptr && i < sequence->card(); i++)
    {
      if (!ConvertJapaneseItem(*sequence->getItem(i), upper))
      {
        return false;
      }
    }
    return true;
  }

  bool IsJapanese(const std::string& specificCharacterSet)
  {
    return FindUpperHalf(specificCharacterSet) == UpperHalf::Katakana ||
           HasTerm(specificCharacterSet, {"\\ISO 2022 IR 87\\", "\\ISO 2022 IR 159\\"});
  }

  UpperHalf FindUpperHalf(const std::string& specificCharacterSet)
  {
    if (HasTerm(specificCharacterSet, {"\\ISO_IR 13\\", "\\ISO 2022 IR 13\\"}))
    {
      return UpperHalf::Katakana;
    }
    return HasTerm(specificCharacterSet, {"\\ISO_IR 100\\", "\\ISO 2022 IR 100\\"}) ? UpperHalf::Latin1
                                                                                    : UpperHalf::None;
  }

  std::optional<std::string> ConvertJapaneseText(const std::string& text, UpperHalf upper)
  {
    Converter converter;
    if (!converter.IsOpen())
    {
      return std::nullopt;
    }
    std::string target;
    std::string pending;  // bytes of 7 bits, for iconv
    for (std::size_t i = 0; i < text.size();)
    {
      if (SkipEscape(text, i, pending))
      {
        continue;
      }
      const auto byte = static_cast<std::uint8_t>(text[i++]);
      if (byte < 0x80)
      {
        pending.push_back(static_cast<char>(byte));
        continue;
      }
      if (!converter.Append(pending, target) || !AppendUpperHalf(target, byte, upper))
      {
        return std::nullopt;
      }
      pending.clear();
    }
    if (!converter.Append(pending, target))
    {
      return std::nullopt;
    }
    return target;
  }

  bool ConvertJapaneseItem(DcmItem& item, UpperHalf upper)
  {
    for (unsigned long i = 0; i < item.card(); i++)
    {
      DcmElement& element = *item.getElement(i);
      const bool isConverted = element.ident() == EVR_SQ
                                 ? ConvertSequence(element, upper)
                                 : !element.isAffectedBySpecificCharacterSet() || ConvertElement(element, upper);
      if (!isConverted)
      {
        return false;
      }
    }
    return true;
  }
}
