// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Notes that clang's -Wthread-safety checks; GCC ignores them.
#if defined(__clang__)
#define H3K27M_THREAD_NOTE(x) __attribute__((x))
#else
#define H3K27M_THREAD_NOTE(x)
#endif

#define GUARDED_BY(x) H3K27M_THREAD_NOTE(guarded_by(x))
#define REQUIRES(...) H3K27M_THREAD_NOTE(requires_capability(__VA_ARGS__))

namespace H3K27M::Support
{
  // std::mutex with clang's annotations: libstdc++'s own carries none. Use it through MutexLock.
  class H3K27M_THREAD_NOTE(capability("mutex")) Mutex
  {
  public:
    void lock() H3K27M_THREAD_NOTE(acquire_capability())
    {
      mutex_.lock();
    }

    void unlock() H3K27M_THREAD_NOTE(release_capability())
    {
      mutex_.unlock();
    }

  private:
    friend class MutexLock;

    std::mutex mutex_;
  };

  // Holds a Mutex for a scope, and waits on a condition while holding it. Waits have a limit unless stated.
  class H3K27M_THREAD_NOTE(scoped_lockable) MutexLock
  {
  public:
    explicit MutexLock(Mutex& mutex) H3K27M_THREAD_NOTE(acquire_capability(mutex)) :
      lock_(mutex.mutex_)
    {
    }

    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

    ~MutexLock() H3K27M_THREAD_NOTE(release_capability())
    {
    }

    void Wait(std::condition_variable& condition)
    {
      condition.wait(lock_);
    }

    // False when the limit passed. A spurious wake-up returns true: call it in a loop over the state.
    bool WaitUntil(std::condition_variable& condition, std::chrono::steady_clock::time_point limit)
    {
      return condition.wait_until(lock_, limit) == std::cv_status::no_timeout;
    }

  private:
    std::unique_lock<std::mutex> lock_;
  };
}
