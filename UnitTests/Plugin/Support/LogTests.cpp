// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/Log.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace H3K27M::Testing
{
  using Support::Log;
  using Support::LogLevel;

  TEST(Log, GoesToTheSinkUntilItIsTakenAway)
  {
    std::vector<std::pair<LogLevel, std::string>> lines;
    Log::SetSink([&](LogLevel level, const std::string& text) { lines.emplace_back(level, text); });
    Log::Info("one");
    Log::Error("two");
    Log::SetSink({});
    Log::Warning("not for the sink");

    ASSERT_EQ(2u, lines.size());
    EXPECT_EQ(LogLevel::Info, lines[0].first);
    EXPECT_EQ("two", lines[1].second);
  }

  TEST(Log, SurvivesASinkThatThrows)
  {
    Log::SetSink([](LogLevel, const std::string&) { throw std::runtime_error("disk full"); });
    EXPECT_NO_THROW(Log::Info("lost"));
    Log::SetSink({});
  }
}
