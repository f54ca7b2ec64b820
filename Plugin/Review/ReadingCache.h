// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"

#include <mutex>
#include <optional>
#include <string>

namespace H3K27M::Review
{
  // The headers of the series that was looked at last: a reader who scrolls asks for its slices piece by piece, and
  // each piece would read every header of the stack anew. One series, a few megabytes. What is lent is no longer here,
  // since DCMTK's objects bear one reader at a time: who asks for the same series meanwhile reads it. Thread-safe.
  class ReadingCache
  {
  public:
    // Nothing where another series, or another state of this one, was kept. `key` names both.
    std::optional<Pipeline::SeriesReading> Take(const std::string& key);

    void Keep(std::string key, Pipeline::SeriesReading reading);

  private:
    std::mutex mutex_;
    std::string key_;
    std::optional<Pipeline::SeriesReading> reading_;
  };
}
