// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Mutex.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  struct IntakeEvent
  {
    enum class Kind
    {
      Stable,
      Deleted,
      SeriesDeleted,
      Backfill
    };

    Kind kind;
    std::string resourceId;  // of a study; of a series for SeriesDeleted
  };

  // What waits for the intake's thread, in two lanes: live events (stable, deleted), and the backfill, which is served
  // only while no live event waits. An event that was taken counts as waiting until it is finished, so that nothing is
  // lost between the queue and the work store. Thread-safe; one thread takes.
  class IntakeQueue
  {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    static constexpr std::size_t MAX_LIVE = 200'000;
    static constexpr std::size_t MAX_BACKFILL = 200'000;

    // A live event. Never waits; false when full or closed.
    bool TryPush(IntakeEvent event);

    // Throws Error(Conflict) while another backfill is under way, Error(BadInput) when it is too large; then takes
    // nothing.
    void PushBackfill(std::vector<std::string> studies);

    // What waits of a backfill is not to be taken any more; a study that is in hand is finished. Returns how many.
    std::size_t DropBackfill();

    // Waits for an event until `limit`. Empty when none came or the queue was closed.
    std::optional<IntakeEvent> Take(TimePoint limit);

    // Only what is live and waits now.
    std::optional<IntakeEvent> TakeLive();

    // The event that was taken last is done with, or is to be taken again after those that wait.
    void Finish();
    void PutBack();

    std::size_t CountBackfill() const;

    // What is inside is dropped, who waits wakes.
    void Close();

  private:
    std::size_t CountBackfillLocked() const REQUIRES(mutex_);
    bool IsBackfillInHand() const REQUIRES(mutex_);
    std::optional<IntakeEvent> TakeFrom(std::deque<IntakeEvent>& lane) REQUIRES(mutex_);

    mutable Support::Mutex mutex_;
    std::condition_variable notEmpty_;
    std::deque<IntakeEvent> live_ GUARDED_BY(mutex_);
    std::deque<IntakeEvent> backfill_ GUARDED_BY(mutex_);
    std::optional<IntakeEvent> inHand_ GUARDED_BY(mutex_);
    bool closed_ GUARDED_BY(mutex_) = false;
  };
}
