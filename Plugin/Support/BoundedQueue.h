// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Mutex.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace H3K27M::Support
{
  // First-in first-out queue of at most `capacity` values between threads, until Close(): what is inside is dropped,
  // everyone waiting wakes. All methods are thread-safe.
  template <typename T>
  class BoundedQueue
  {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit BoundedQueue(std::size_t capacity) :
      capacity_(capacity)
    {
    }

    // Never waits: for callbacks that must return at once. False when full or ended; `value` is then untouched.
    bool TryPush(T&& value)
    {
      const MutexLock lock(mutex_);

      return values_.size() < capacity_ && Append(value);
    }

    // Goes in although the queue may be full: for messages that must not wait (a cancellation). False when ended.
    bool ForcePush(T value)
    {
      const MutexLock lock(mutex_);
      return Append(value);
    }

    // Waits for room until `limit`. False when there was none or the queue ended.
    bool Push(T value, TimePoint limit)
    {
      MutexLock lock(mutex_);

      while (!ended_ && values_.size() >= capacity_)
      {
        if (!lock.WaitUntil(notFull_, limit) && values_.size() >= capacity_)
        {
          return false;
        }
      }

      return Append(value);
    }

    // Waits for a value until `limit`, or without one. Empty when none came or the queue ended.
    std::optional<T> Pop(std::optional<TimePoint> limit = std::nullopt)
    {
      MutexLock lock(mutex_);

      while (!ended_ && values_.empty())
      {
        if (!limit)
        {
          lock.Wait(notEmpty_);
        }
        else if (!lock.WaitUntil(notEmpty_, *limit) && values_.empty())
        {
          return std::nullopt;
        }
      }

      if (values_.empty())
      {
        return std::nullopt;
      }

      std::optional<T> value(std::move(values_.front()));
      values_.pop_front();
      notFull_.notify_one();
      return value;
    }

    void Close()
    {
      std::deque<T> dropped;  // destroyed after the lock is gone
      const MutexLock lock(mutex_);
      ended_ = true;
      dropped.swap(values_);
      notEmpty_.notify_all();
      notFull_.notify_all();
    }

    std::size_t GetSize() const
    {
      const MutexLock lock(mutex_);
      return values_.size();
    }

    // True once closed.
    bool IsEnded() const
    {
      const MutexLock lock(mutex_);
      return ended_;
    }

  private:
    // False when ended; `value` is then untouched.
    bool Append(T& value) REQUIRES(mutex_)
    {
      if (ended_)
      {
        return false;
      }

      values_.push_back(std::move(value));
      notEmpty_.notify_one();
      return true;
    }

    const std::size_t capacity_;
    mutable Mutex mutex_;
    std::condition_variable notEmpty_;
    std::condition_variable notFull_;
    std::deque<T> values_ GUARDED_BY(mutex_);
    bool ended_ GUARDED_BY(mutex_) = false;
  };
}
