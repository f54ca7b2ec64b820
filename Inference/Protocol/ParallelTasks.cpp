// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/ParallelTasks.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace H3K27M::Protocol
{
  void RunInParallel(std::size_t count, unsigned int threads, const std::function<void(std::size_t)>& work)
  {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto take = [&]
    {
      for (std::size_t i = next++; i < count; i = next++)
      {
        try
        {
          work(i);
        }
        catch (...)
        {
          const std::lock_guard lock(mutex);
          failure = failure ? failure : std::current_exception();
          next = count;
        }
      }
    };
    {
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < threads && i < count; i++)
      {
        others.emplace_back(take);
      }
      take();
    }
    if (failure)
    {
      std::rethrow_exception(failure);
    }
  }
}
