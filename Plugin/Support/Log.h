// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <functional>
#include <string>

namespace H3K27M::Support
{
  enum class LogLevel
  {
    Info,     // one line per step of a job
    Warning,  // an administrator must act
    Error
  };

  // The plugin's only log. Each line about work carries job and Orthanc identifiers; never names, dates,
  // descriptions, or paths that hold them. One call is one line: control characters become blanks. Writes to standard
  // error until Plugin/Orthanc sets its sink.
  // Thread-safe; never throws (a line that cannot be written is lost).
  class Log
  {
  public:
    using Sink = std::function<void(LogLevel level, const std::string& text)>;

    Log() = delete;

    static void Info(const std::string& text) noexcept;
    static void Warning(const std::string& text) noexcept;
    static void Error(const std::string& text) noexcept;
    static void Write(LogLevel level, const std::string& text) noexcept;

    // An empty function restores standard error. Once it returns, the former sink is called no more.
    static void SetSink(Sink sink);
  };
}
