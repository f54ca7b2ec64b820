// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/ParallelTasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <vector>

using namespace H3K27M;

TEST(ParallelTasks, EachIsDoneOnceWhateverTheNumberOfThreads)
{
  for (const unsigned int threads : {0u, 1u, 2u, 7u})
  {
    std::vector<std::atomic<int>> done(50);
    Protocol::RunInParallel(done.size(), threads, [&](std::size_t i) { done[i]++; });
    EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& count) { return count == 1; })) << threads;
  }
  Protocol::RunInParallel(0, 4, [](std::size_t) { FAIL() << "there is nothing to do"; });
}

TEST(ParallelTasks, RunAtTheSameTime)
{
  // Would wait for ever if one came after the other.
  std::barrier meeting(3);
  Protocol::RunInParallel(3, 3, [&](std::size_t) { meeting.arrive_and_wait(); });
}

TEST(ParallelTasks, TheFirstFaultIsThrownAndEndsTheRest)
{
  std::atomic<std::size_t> begun = 0;
  EXPECT_THROW(Protocol::RunInParallel(100000, 2,
                                       [&](std::size_t)
  {
    begun++;
    throw Error(ErrorCode::BadInput, "one is enough");
  }),
               Error);
  EXPECT_LE(begun, 2u);
}
