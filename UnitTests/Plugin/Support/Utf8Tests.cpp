// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/TimeText.h"
#include "Plugin/Support/Utf8.h"

#include <gtest/gtest.h>

namespace H3K27M::Support
{
  TEST(Utf8, TakesEachLengthOfSequence)
  {
    for (const char* text : {"", "plain", "\xC3\xBC", "\xE5\x8C\x97\xE4\xBA\xAC", "\xF0\x9F\xA7\xA0", "\xED\x9F\xBF",
                             "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
    {
      EXPECT_TRUE(IsUtf8(text)) << text;
    }
  }

  TEST(Utf8, RefusesWhatIsNot)
  {
    for (const char* text : {"\xFC", "\xC3", "\xE5\x8C", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                             "\xF5\x80\x80\x80", "\x80", "\xE5\x8C\x41", "\xFF\xFE"})
    {
      EXPECT_FALSE(IsUtf8(text)) << text;
    }
  }

  TEST(Utf8, IsMadeOfCodePoints)
  {
    std::string text;
    for (const std::uint32_t codePoint : {0x41u, 0xFCu, 0x5317u, 0x1F9E0u})
    {
      AppendUtf8(text, codePoint);
    }
    EXPECT_EQ("A\xC3\xBC\xE5\x8C\x97\xF0\x9F\xA7\xA0", text);
  }

  TEST(TimeText, IsInUtcWithMilliseconds)
  {
    EXPECT_EQ("1970-01-01T00:00:00.000Z", ToRfc3339(0));
    EXPECT_EQ("2026-01-02T03:04:05.006Z", ToRfc3339(1'767'323'045'006));
  }
}
