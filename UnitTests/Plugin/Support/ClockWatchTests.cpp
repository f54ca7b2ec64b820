// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/ClockWatch.h"
#include "UnitTests/Support/FakeClock.h"

#include <gtest/gtest.h>

namespace H3K27M::Support
{
  using std::chrono::hours;
  using std::chrono::milliseconds;

  TEST(ClockWatch, AClockThatGoesOnIsNoMatter)
  {
    Testing::FakeClock clock;
    ClockWatch watch(clock);
    EXPECT_EQ(milliseconds(0), watch.Check());
    clock.Advance(hours(10));  // set on, or the computer slept
    EXPECT_EQ(milliseconds(0), watch.Check());
  }

  TEST(ClockWatch, SaysOnceByHowMuchItWasSetBack)
  {
    Testing::FakeClock clock;
    ClockWatch watch(clock);
    clock.Advance(-hours(1));
    EXPECT_NEAR(3600'000, static_cast<double>(watch.Check().count()), 1000);
    EXPECT_EQ(milliseconds(0), watch.Check());
  }

  TEST(ClockWatch, WhatTimeServersCorrectIsNotSetBack)
  {
    Testing::FakeClock clock;
    ClockWatch watch(clock);
    clock.Advance(-milliseconds(500));
    EXPECT_EQ(milliseconds(0), watch.Check());
  }
}
