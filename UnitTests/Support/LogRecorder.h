// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Log.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Testing
{
  // Keeps what is logged while it lives.
  class LogRecorder
  {
  public:
    LogRecorder()
    {
      Support::Log::SetSink([this](Support::LogLevel level, const std::string& text)
      {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(level, text);
      });
    }

    ~LogRecorder()
    {
      Support::Log::SetSink({});
    }

    std::vector<std::pair<Support::LogLevel, std::string>> GetLines() const
    {
      const std::lock_guard lock(mutex_);
      return lines_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::pair<Support::LogLevel, std::string>> lines_;
  };
}
