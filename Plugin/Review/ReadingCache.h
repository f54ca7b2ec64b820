// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace H3K27M::Review
{
  // The headers of the series that were looked at last: a reader who scrolls asks for slices piece by piece, and each
  // piece would read every header of the stack anew; several readers ask in turn, each for another stack. A few
  // megabytes a series, as often as it is asked for at once: DCMTK's objects bear one reader at a time, so who finds
  // all of them lent reads another. Thread-safe.
  class ReadingCache
  {
  public:
    static constexpr std::size_t MAX_OF_SERIES = 4;  // a page asks for three pieces and a mask at once
    static constexpr std::size_t MAX_KEPT = 12;      // of all series; what was used longest ago goes

    // Nothing where nothing of this series in this state is kept, or all is lent. `key` names both.
    std::optional<Pipeline::SeriesReading> Take(const std::string& key);

    void Keep(std::string key, Pipeline::SeriesReading reading);

  private:
    std::mutex mutex_;
    std::list<std::pair<std::string, Pipeline::SeriesReading>> kept_;  // by key, the last used at the end
  };
}
