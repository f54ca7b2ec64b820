// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReadingCache.h"

#include <gtest/gtest.h>

namespace H3K27M::Review
{
  namespace
  {
    Pipeline::SeriesReading MakeReading(const std::string& series)
    {
      Pipeline::SeriesReading reading;
      reading.seriesId = series;
      return reading;
    }

    // How many of them are kept; none is afterwards.
    std::size_t TakeAll(ReadingCache& cache, const std::string& key)
    {
      std::size_t count = 0;

      while (const std::optional<Pipeline::SeriesReading> reading = cache.Take(key))
      {
        EXPECT_EQ(key, reading->seriesId);
        count++;
      }

      return count;
    }
  }

  TEST(ReadingCache, LendsWhatItKeepsToOneAtATime)
  {
    ReadingCache cache;
    EXPECT_FALSE(cache.Take("a"));
    cache.Keep("a", MakeReading("a"));
    EXPECT_TRUE(cache.Take("a"));
    EXPECT_FALSE(cache.Take("a")) << "it is lent";
  }

  // They would read every header anew at each request.
  TEST(ReadingCache, KeepsTheSeriesOfReadersWhoAskInTurn)
  {
    ReadingCache cache;

    for (const char* const series : {"a", "b", "c"})
    {
      cache.Keep(series, MakeReading(series));
    }

    for (const char* const series : {"a", "b", "c"})
    {
      std::optional<Pipeline::SeriesReading> reading = cache.Take(series);
      ASSERT_TRUE(reading) << series;
      EXPECT_EQ(series, reading->seriesId);
      cache.Keep(series, std::move(*reading));
    }
  }

  TEST(ReadingCache, ForgetsWhatWasUsedLongestAgo)
  {
    ReadingCache cache;

    for (std::size_t i = 0; i < ReadingCache::MAX_KEPT; i++)
    {
      cache.Keep(std::to_string(i), MakeReading(std::to_string(i)));
    }

    cache.Keep("0", cache.Take("0").value());
    cache.Keep("more", MakeReading("more"));
    EXPECT_FALSE(cache.Take("1"));
    EXPECT_TRUE(cache.Take("0"));
    EXPECT_TRUE(cache.Take("2"));
    EXPECT_TRUE(cache.Take("more"));
  }

  TEST(ReadingCache, OneSeriesDoesNotDriveOutTheOthers)
  {
    ReadingCache cache;
    cache.Keep("a", MakeReading("a"));

    for (std::size_t i = 0; i < 2 * ReadingCache::MAX_KEPT; i++)
    {
      cache.Keep("b", MakeReading("b"));
    }

    EXPECT_EQ(1u, TakeAll(cache, "a"));
    EXPECT_EQ(std::size_t{ReadingCache::MAX_OF_SERIES}, TakeAll(cache, "b"));
  }
}
