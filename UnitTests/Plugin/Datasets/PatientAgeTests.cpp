// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/PatientAge.h"

#include <gtest/gtest.h>

namespace H3K27M::Datasets
{
  namespace
  {
    TEST(PatientAge, IsTheOneThatIsStated)
    {
      EXPECT_EQ(9, FindAgeYears({"009Y", "20000101", "20260102"}));
      EXPECT_EQ(1.5, FindAgeYears({"018M", "", ""}));
      EXPECT_NEAR(0.1917, FindAgeYears({"010W", "", ""}).value(), 1e-4);
      EXPECT_NEAR(0.0082, FindAgeYears({"003D", "", ""}).value(), 1e-4);
    }

    TEST(PatientAge, IsThatOfTheDatesWhereNoneIsStatedThatCanBeRead)
    {
      for (const char* unreadable : {"", "9Y", "009", "009X", "-09Y", "AgeY"})
      {
        const std::optional<double> years = FindAgeYears({unreadable, "20160102", "20260102"});
        EXPECT_EQ(10, years) << unreadable;
      }

      EXPECT_EQ(9, FindAgeYears({"", "20160103", "20260102"})) << "a day before the birthday";
      EXPECT_EQ(0, FindAgeYears({"", "20260102", "20260102"}));
      EXPECT_EQ(0.5, FindAgeYears({"", "20240229", "20240830"}));
    }

    TEST(PatientAge, IsNotGuessed)
    {
      for (const char* date : {"", "2016", "201601", "2016-01-02", "20160230", "20161301", "2016 1 2", "X0160102"})
      {
        EXPECT_FALSE(FindAgeYears({"", date, "20260102"})) << "birth " << date;
        EXPECT_FALSE(FindAgeYears({"", "20000101", date})) << "study " << date;
      }

      EXPECT_FALSE(FindAgeYears({"", "20260103", "20260102"})) << "not born yet";
      EXPECT_FALSE(FindAgeYears({"", "18900101", "20260102"})) << "older than anybody";
    }
  }
}
