// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/OutgoingQueue.h"

#include <utility>

namespace H3K27M::Serve
{
  void OutgoingQueue::Push(Frame frame)
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return isClosed_ || isFinished_ || frames_.size() < CAPACITY; });
    if (!isClosed_ && !isFinished_)
    {
      frames_.push_back(std::move(frame));
      changed_.notify_all();
    }
  }

  void OutgoingQueue::PushOrDrop(Frame frame)
  {
    const std::lock_guard lock(mutex_);
    if (!isClosed_ && !isFinished_ && frames_.size() < CAPACITY)
    {
      frames_.push_back(std::move(frame));
      changed_.notify_all();
    }
  }

  std::optional<OutgoingQueue::Frame> OutgoingQueue::Pop()
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return isClosed_ || isFinished_ || !frames_.empty(); });
    if (isClosed_ || frames_.empty())
    {
      return std::nullopt;
    }
    Frame frame = std::move(frames_.front());
    frames_.pop_front();
    changed_.notify_all();
    return frame;
  }

  void OutgoingQueue::Finish()
  {
    const std::lock_guard lock(mutex_);
    isFinished_ = true;
    changed_.notify_all();
  }

  void OutgoingQueue::Close()
  {
    const std::lock_guard lock(mutex_);
    isClosed_ = true;
    frames_.clear();
    changed_.notify_all();
  }
}
