// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/Log.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace H3K27M::Support
{
  namespace
  {
    struct State
    {
      // Shared by the writers, exclusive for SetSink(): a sink of an unloaded plugin must not be inside a call.
      std::shared_mutex mutex;
      Log::Sink sink;
    };

    // Never destroyed: threads of other parts may log while statics are torn down.
    State& GetState()
    {
      static State* const state = new State;
      return *state;
    }

    // What a caller wrote into an address, or a database into its error, must not look like a line of its own.
    std::string ToOneLine(std::string text)
    {
      std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
      return text;
    }

    char GetLetter(LogLevel level)
    {
      switch (level)
      {
        case LogLevel::Info:
          return 'I';

        case LogLevel::Warning:
          return 'W';

        case LogLevel::Error:
          return 'E';
      }

      return '?';
    }
  }

  void Log::Info(const std::string& text) noexcept
  {
    Write(LogLevel::Info, text);
  }

  void Log::Warning(const std::string& text) noexcept
  {
    Write(LogLevel::Warning, text);
  }

  void Log::Error(const std::string& text) noexcept
  {
    Write(LogLevel::Error, text);
  }

  void Log::Write(LogLevel level, const std::string& text) noexcept
  {
    try
    {
      State& state = GetState();
      const std::string line = ToOneLine(text);
      const std::shared_lock lock(state.mutex);

      if (state.sink)
      {
        state.sink(level, line);
      }
      else
      {
        std::fprintf(stderr, "%c h3k27m: %s\n", GetLetter(level), line.c_str());
      }
    }
    catch (...)
    {
      // Out of memory, or a sink that failed: this line is lost, and nothing is left to report it to but this.
      std::fputs("E h3k27m: a line of the log was lost\n", stderr);
    }
  }

  void Log::SetSink(Sink sink)
  {
    State& state = GetState();
    const std::unique_lock lock(state.mutex);
    state.sink = std::move(sink);
  }
}
