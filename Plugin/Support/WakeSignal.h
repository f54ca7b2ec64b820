// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace H3K27M::Support
{
  // Ends the pause of one thread early. What is told while nobody waits ends the next pause.
  class WakeSignal
  {
  public:
    // From any thread.
    void Wake() noexcept
    {
      const std::lock_guard lock(mutex_);
      isWoken_ = true;
      wake_.notify_all();
    }

    // Until Wake(), `limit` or the request to stop, whatever comes first.
    void Wait(const std::stop_token& stop, std::chrono::milliseconds limit)
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, limit, [this] { return isWoken_; });
      isWoken_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any wake_;
    bool isWoken_ = false;  // guarded by mutex_
  };
}
