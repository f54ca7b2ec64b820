// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace H3K27M::Serve
{
  // Frames on their way to the writer thread. Bounded: who answers faster than the peer reads waits here.
  // All methods may be called from any thread.
  class OutgoingQueue
  {
  public:
    static constexpr std::size_t CAPACITY = 32;  // frames of at most 1 MiB

    using Frame = std::vector<std::byte>;

    // Waits while the queue is full; drops the frame once the queue is finished or closed.
    void Push(Frame frame);

    // Never waits: a heartbeat that finds the queue full is out of date anyway.
    void PushOrDrop(Frame frame);

    // Waits for a frame; nothing once the queue is closed (what is left is dropped: nobody reads any more), or finished
    // and empty.
    std::optional<Frame> Pop();

    // What is in the queue is the last that is said.
    void Finish();

    void Close();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Frame> frames_;  // guarded by mutex_
    bool isFinished_ = false;   // guarded by mutex_
    bool isClosed_ = false;     // guarded by mutex_
  };
}
