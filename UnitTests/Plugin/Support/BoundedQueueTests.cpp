// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/BoundedQueue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace H3K27M::Testing
{
  using Support::BoundedQueue;
  using Clock = std::chrono::steady_clock;

  TEST(BoundedQueue, RefusesBeyondItsCapacityWithoutWaiting)
  {
    BoundedQueue<std::unique_ptr<int>> queue(1);
    EXPECT_TRUE(queue.TryPush(std::make_unique<int>(1)));
    auto second = std::make_unique<int>(2);
    EXPECT_FALSE(queue.TryPush(std::move(second)));
    EXPECT_TRUE(second) << "what was refused must not be lost";
    EXPECT_FALSE(queue.Push(std::move(second), Clock::now()));
    EXPECT_TRUE(queue.ForcePush(std::make_unique<int>(3)));
    EXPECT_EQ(2u, queue.GetSize());
  }

  TEST(BoundedQueue, CloseDropsWhatIsInside)
  {
    BoundedQueue<int> closed(2);
    closed.TryPush(1);
    closed.Close();
    EXPECT_FALSE(closed.Pop());
    EXPECT_FALSE(closed.TryPush(2));
    EXPECT_FALSE(closed.ForcePush(2));
  }

  TEST(BoundedQueue, PopGivesUpAtItsLimit)
  {
    BoundedQueue<int> queue(1);
    EXPECT_FALSE(queue.Pop(Clock::now()));
  }

  TEST(BoundedQueue, ClosingWakesWhoeverWaits)
  {
    BoundedQueue<int> full(1);
    BoundedQueue<int> empty(1);
    full.TryPush(1);
    std::atomic<int> woken = 0;

    std::thread pusher([&] { woken += full.Push(2, Clock::now() + std::chrono::hours(1)) ? 0 : 1; });
    std::thread popper([&] { woken += empty.Pop() ? 0 : 1; });

    full.Close();
    empty.Close();
    pusher.join();
    popper.join();
    EXPECT_EQ(2, woken);
  }

  TEST(BoundedQueue, HandsEachValueToOneTaker)
  {
    constexpr int COUNT = 2000;
    BoundedQueue<int> queue(3);
    std::atomic<long> sum = 0;
    std::vector<std::thread> takers;

    for (int i = 0; i < 3; i++)
    {
      takers.emplace_back([&]
      {
        while (const auto value = queue.Pop())
        {
          sum += *value;
        }
      });
    }

    for (int i = 1; i <= COUNT; i++)
    {
      ASSERT_TRUE(queue.Push(i, Clock::now() + std::chrono::minutes(1)));
    }

    while (queue.GetSize() > 0)
    {
      std::this_thread::yield();
    }

    queue.Close();

    for (std::thread& taker : takers)
    {
      taker.join();
    }

    EXPECT_EQ(long{COUNT} * (COUNT + 1) / 2, sum);
  }
}
