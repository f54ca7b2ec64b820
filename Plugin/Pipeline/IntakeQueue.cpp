// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/IntakeQueue.h"

#include "Inference/Protocol/Error.h"

#include <utility>

namespace H3K27M::Pipeline
{
  bool IntakeQueue::TryPush(IntakeEvent event)
  {
    const Support::MutexLock lock(mutex_);

    if (closed_ || live_.size() >= MAX_LIVE)
    {
      return false;
    }

    live_.push_back(std::move(event));
    notEmpty_.notify_one();
    return true;
  }

  void IntakeQueue::PushBackfill(std::vector<std::string> studies)
  {
    const Support::MutexLock lock(mutex_);
    const std::size_t pending = CountBackfillLocked();

    if (pending > 0)
    {
      throw Error(ErrorCode::Conflict, "A backfill is under way: " + std::to_string(pending) + " studies to go");
    }

    if (studies.size() > MAX_BACKFILL)
    {
      throw Error(ErrorCode::BadInput, "A backfill takes " + std::to_string(MAX_BACKFILL) + " studies at most, not " +
                                         std::to_string(studies.size()) + ": narrow the dates, or set a limit");
    }

    for (std::string& study : studies)
    {
      backfill_.push_back({IntakeEvent::Kind::Backfill, std::move(study)});
    }

    notEmpty_.notify_one();
  }

  std::size_t IntakeQueue::DropBackfill()
  {
    const Support::MutexLock lock(mutex_);
    const std::size_t dropped = backfill_.size();
    backfill_.clear();
    return dropped;
  }

  std::optional<IntakeEvent> IntakeQueue::TakeFrom(std::deque<IntakeEvent>& lane)
  {
    inHand_ = std::move(lane.front());
    lane.pop_front();
    return inHand_;
  }

  std::optional<IntakeEvent> IntakeQueue::Take(TimePoint limit)
  {
    Support::MutexLock lock(mutex_);

    while (!closed_ && live_.empty() && backfill_.empty())
    {
      if (!lock.WaitUntil(notEmpty_, limit) && live_.empty() && backfill_.empty())
      {
        return std::nullopt;
      }
    }

    if (closed_)
    {
      return std::nullopt;
    }

    return TakeFrom(live_.empty() ? backfill_ : live_);
  }

  std::optional<IntakeEvent> IntakeQueue::TakeLive()
  {
    const Support::MutexLock lock(mutex_);
    return closed_ || live_.empty() ? std::nullopt : TakeFrom(live_);
  }

  void IntakeQueue::Finish()
  {
    const Support::MutexLock lock(mutex_);
    inHand_.reset();
  }

  void IntakeQueue::PutBack()
  {
    const Support::MutexLock lock(mutex_);

    if (inHand_ && !closed_)
    {
      // Although the lane may be full: it was counted before.
      std::deque<IntakeEvent>& lane = IsBackfillInHand() ? backfill_ : live_;
      lane.push_back(std::move(*inHand_));
    }

    inHand_.reset();
  }

  bool IntakeQueue::IsBackfillInHand() const
  {
    return inHand_ && inHand_->kind == IntakeEvent::Kind::Backfill;
  }

  std::size_t IntakeQueue::CountBackfillLocked() const
  {
    return backfill_.size() + (IsBackfillInHand() ? 1 : 0);
  }

  std::size_t IntakeQueue::CountBackfill() const
  {
    const Support::MutexLock lock(mutex_);
    return CountBackfillLocked();
  }

  void IntakeQueue::Close()
  {
    const Support::MutexLock lock(mutex_);
    closed_ = true;
    live_.clear();
    backfill_.clear();
    notEmpty_.notify_all();
  }
}
