// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReadingCache.h"

#include <algorithm>
#include <iterator>

namespace H3K27M::Review
{
  std::optional<Pipeline::SeriesReading> ReadingCache::Take(const std::string& key)
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.rbegin(), kept_.rend(), [&key](const auto& one) { return one.first == key; });

    if (found == kept_.rend())
    {
      return std::nullopt;
    }

    std::optional<Pipeline::SeriesReading> reading = std::move(found->second);
    kept_.erase(std::next(found).base());
    return reading;
  }

  void ReadingCache::Keep(std::string key, Pipeline::SeriesReading reading)
  {
    const std::lock_guard lock(mutex_);
    const auto same = std::count_if(kept_.begin(), kept_.end(), [&key](const auto& one) { return one.first == key; });

    if (static_cast<std::size_t>(same) >= MAX_OF_SERIES)
    {
      return;
    }

    kept_.emplace_back(std::move(key), std::move(reading));

    if (kept_.size() > MAX_KEPT)
    {
      kept_.pop_front();
    }
  }
}
