// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/UtcDateTime.h"

#include <gtest/gtest.h>

using H3K27M::Results::ParseDateTime;
using H3K27M::Results::ToUtcDateTime;

TEST(UtcDateTime, ComesBackToTheMillisecond)
{
  EXPECT_EQ("19700101010000.000+0100", ToUtcDateTime(0));
  EXPECT_EQ("20260102040405.006+0100", ToUtcDateTime(1'767'323'045'006));
  EXPECT_EQ(1'767'323'045'006, ParseDateTime("20260102030405.006+0000"));
  EXPECT_EQ("99991231235959.999+0100", ToUtcDateTime(253'402'297'199'999));
}

TEST(UtcDateTime, IsReadInAnyTimeZoneAndPrecision)
{
  EXPECT_EQ(1'767'323'045'000, ParseDateTime("20260102030405"));
  EXPECT_EQ(1'767'323'045'000, ParseDateTime("20260102120405+0900"));
  EXPECT_EQ(1'767'323'045'500, ParseDateTime("20260101230405.5-0400"));
  EXPECT_EQ(1'767'323'045'123, ParseDateTime("20260102030405.123456"));
}

TEST(UtcDateTime, IsNotReadFromOtherTexts)
{
  for (const char* text :
       {"", "2026", "202601020304", "20260230030405", "20261302030405", "20260102240000", "20260102030405.",
        "20260102030405.1234567", "20260102030405+25", "20260102030405x", "2026-01-02T03:04:05", "19691231235959"})
  {
    EXPECT_FALSE(ParseDateTime(text)) << text;
  }
}
