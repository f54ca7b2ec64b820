// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReadingCache.h"

#include <utility>

namespace H3K27M::Review
{
  std::optional<Pipeline::SeriesReading> ReadingCache::Take(const std::string& key)
  {
    const std::lock_guard lock(mutex_);
    return key == key_ ? std::exchange(reading_, std::nullopt) : std::nullopt;
  }

  void ReadingCache::Keep(std::string key, Pipeline::SeriesReading reading)
  {
    const std::lock_guard lock(mutex_);
    key_ = std::move(key);
    reading_ = std::move(reading);
  }
}
