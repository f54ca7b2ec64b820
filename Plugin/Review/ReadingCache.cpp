// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReadingCache.h"

#include <utility>

namespace H3K27M::Review
{
  namespace
  {
    constexpr std::size_t MAX_KEPT = 4;  // a page asks for three pieces and a mask at once
  }

  std::optional<Pipeline::SeriesReading> ReadingCache::Take(const std::string& key)
  {
    const std::lock_guard lock(mutex_);

    if (key != key_ || free_.empty())
    {
      return std::nullopt;
    }

    std::optional<Pipeline::SeriesReading> reading = std::move(free_.back());
    free_.pop_back();
    return reading;
  }

  void ReadingCache::Keep(std::string key, Pipeline::SeriesReading reading)
  {
    const std::lock_guard lock(mutex_);

    if (key != key_)
    {
      free_.clear();
      key_ = std::move(key);
    }

    if (free_.size() < MAX_KEPT)
    {
      free_.push_back(std::move(reading));
    }
  }
}
