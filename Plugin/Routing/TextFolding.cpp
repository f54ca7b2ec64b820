// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/TextFolding.h"

#include <algorithm>
#include <cstdint>

namespace H3K27M::Routing
{
  namespace
  {
    constexpr char32_t BROKEN = 0xFFFD;

    // One code point of UTF-8; advances `position` by at least one byte.
    char32_t DecodeNext(std::string_view text, std::size_t& position)
    {
      const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
      const unsigned char first = byte(position);
      const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
      if (length == 0 || position + length > text.size())
      {
        ++position;
        return BROKEN;
      }
      char32_t code = length == 1 ? first : first & (0xFFu >> (length + 1));
      for (std::size_t i = 1; i < length; ++i)
      {
        if ((byte(position + i) & 0xC0) != 0x80)
        {
          ++position;
          return BROKEN;
        }
        code = (code << 6) | (byte(position + i) & 0x3Fu);
      }
      position += length;
      return code;
    }

    void AppendUtf8(std::string& text, char32_t code)
    {
      if (code < 0x80)
      {
        text += static_cast<char>(code);
      }
      else if (code < 0x800)
      {
        text += static_cast<char>(0xC0 | (code >> 6));
        text += static_cast<char>(0x80 | (code & 0x3F));
      }
      else if (code < 0x10000)
      {
        text += static_cast<char>(0xE0 | (code >> 12));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
      }
      else
      {
        text += static_cast<char>(0xF0 | (code >> 18));
        text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
      }
    }

    // Base letters of U+00C0..U+017F; a blank stands for what is no letter.
    constexpr std::string_view LATIN = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"   // U+00C0
                                       "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"   // U+0100
                                       "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";  // U+0140

    char32_t FoldLetter(char32_t code)
    {
      if (code >= 'A' && code <= 'Z')
      {
        return code - 'A' + 'a';
      }
      if (code >= 0xC0 && code - 0xC0 < LATIN.size())
      {
        return static_cast<char32_t>(LATIN[code - 0xC0]);
      }
      if (code >= 0xFF01 && code <= 0xFF5E)  // full-width forms of ASCII
      {
        return FoldLetter(code - 0xFF01 + 0x21);
      }
      if (code >= 0x410 && code <= 0x42F)  // Cyrillic capitals
      {
        return code + 0x20;
      }
      return code == 0x401 || code == 0x451 ? U'\u0435' : code;  // yo is written as ye
    }

    bool IsAsciiWord(char32_t code)
    {
      return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
    }

    bool IsSeparator(char32_t code)
    {
      return (code < 0x80 && !IsAsciiWord(code)) || (code >= 0x80 && code < 0xC0) || code == BROKEN ||
             (code >= 0x2000 && code <= 0x206F) || (code >= 0x3000 && code <= 0x3002);
    }

    // What a word looks like in a folded text.
    struct Pattern
    {
      std::string text;  // empty: the word says nothing
      bool extendsLeft = false;
      bool extendsRight = false;
    };

    Pattern MakePattern(std::string_view word)
    {
      const bool isOpenLeft = word.starts_with('*');
      const bool isOpenRight = word.size() > 1 && word.ends_with('*');
      word.remove_prefix(isOpenLeft ? 1 : 0);
      word.remove_suffix(isOpenRight ? 1 : 0);
      Pattern pattern;
      pattern.text = FoldText(word);
      if (pattern.text.size() < 3)
      {
        return {};
      }
      // Scripts beyond Latin are written without blanks, or inflect at the end.
      const bool isLatin =
        std::all_of(pattern.text.begin(), pattern.text.end(), [](char c) { return (c & 0x80) == 0; });
      if (isOpenRight || !isLatin)
      {
        pattern.text.pop_back();
      }
      if (isOpenLeft || !isLatin)
      {
        pattern.text.erase(0, 1);
      }
      pattern.extendsLeft = isOpenLeft && isLatin;
      pattern.extendsRight = isOpenRight && isLatin;
      return pattern;
    }
  }

  std::string FoldText(std::string_view text)
  {
    std::string folded = " ";
    for (std::size_t position = 0; position < text.size();)
    {
      const char32_t code = FoldLetter(DecodeNext(text, position));
      if (code >= 0x300 && code <= 0x36F)  // combining accents
      {
        continue;
      }
      if (code == '*' && folded.back() != ' ')  // T2*: the star is spoken
      {
        folded += " star ";
      }
      else if (!IsSeparator(code))
      {
        AppendUtf8(folded, code);
      }
      else if (folded.back() != ' ')
      {
        folded += ' ';
      }
    }
    if (folded.back() != ' ')
    {
      folded += ' ';
    }
    return folded;
  }

  bool HoldsWord(const std::string& folded, std::string_view word)
  {
    const Pattern pattern = MakePattern(word);
    return !pattern.text.empty() && folded.find(pattern.text) != std::string::npos;
  }

  std::string FindWord(const std::string& folded, const std::vector<std::string>& words)
  {
    const auto found =
      std::find_if(words.begin(), words.end(), [&folded](const std::string& word) { return HoldsWord(folded, word); });
    return found == words.end() ? std::string() : *found;
  }

  std::string RemoveWords(std::string folded, const std::vector<std::string>& words)
  {
    for (const std::string& word : words)
    {
      const Pattern pattern = MakePattern(word);
      std::size_t begin = pattern.text.empty() ? std::string::npos : folded.find(pattern.text);
      while (begin != std::string::npos)
      {
        std::size_t end = begin + pattern.text.size();
        // A folded text begins and ends with a blank.
        begin = pattern.extendsLeft ? folded.rfind(' ', begin) : begin;
        end = pattern.extendsRight ? folded.find(' ', end) + 1 : end;
        folded.replace(begin, end - begin, " ");
        begin = folded.find(pattern.text);
      }
    }
    return folded;
  }
}
