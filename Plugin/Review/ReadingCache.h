// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Review
{
  // The headers of the series that was looked at last: a reader who scrolls asks for its slices piece by piece, and
  // each piece would read every header of the stack anew. One series, a few megabytes, as often as it is asked for at
  // once: DCMTK's objects bear one reader at a time, so who finds all of them lent reads another. Thread-safe.
  class ReadingCache
  {
  public:
    // Nothing where another series, or another state of this one, was kept. `key` names both.
    std::optional<Pipeline::SeriesReading> Take(const std::string& key);

    void Keep(std::string key, Pipeline::SeriesReading reading);

  private:
    std::mutex mutex_;
    std::string key_;
    std::vector<Pipeline::SeriesReading> free_;  // of key_
  };
}
