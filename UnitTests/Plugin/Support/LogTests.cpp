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

  TEST(Log, WritesOneLineWhateverTheTextHolds)
  {
    std::vector<std::string> lines;
    Log::SetSink([&](LogLevel, const std::string& text) { lines.push_back(text); });
    Log::Info("no study 'x'\nE made up\r\t\x1b[31m\x7f, Z\xc3\xbcrich");
    Log::SetSink({});
    EXPECT_EQ(std::vector<std::string>{"no study 'x' E made up   [31m , Z\xc3\xbcrich"}, lines);
  }

  TEST(Log, SurvivesASinkThatThrows)
  {
    Log::SetSink([](LogLevel, const std::string&) { throw std::runtime_error("disk full"); });
    EXPECT_NO_THROW(Log::Info("lost"));
    Log::SetSink({});
  }
}
