// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ChangeLogCursor.h"

#include <algorithm>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr const char* CURSOR = "changes";

    // Numbers of a transaction that is open for longer than the lag.
    constexpr std::int64_t OVERLAP = 200;
    constexpr std::chrono::seconds LAG(60);

    // Events are faster; the log is for what they do not tell (another Orthanc on the same database received it, or the
    // archive's watch over stable studies sleeps because the clock was set back).
    constexpr std::chrono::seconds READ_EVERY(20);
  }

  ChangeLogCursor::ChangeLogCursor(Archive::IArchive& archive, WorkState::WorkStore& store) :
    archive_(archive),
    store_(store)
  {
  }

  std::optional<std::int64_t> ChangeLogCursor::GetStart()
  {
    const std::optional<std::int64_t> cursor = store_.GetCursor(CURSOR);
    return cursor ? std::make_optional(std::max<std::int64_t>(0, *cursor - OVERLAP)) : std::nullopt;
  }

  void ChangeLogCursor::BeginAtEnd()
  {
    reached_ = archive_.GetLastChange();
    store_.AdvanceCursor(CURSOR, reached_);
  }

  bool ChangeLogCursor::IsDue(std::chrono::steady_clock::time_point now)
  {
    if (!asked_)
    {
      asked_ = now;  // the start itself reads it
    }

    if (now - *asked_ < READ_EVERY)
    {
      return false;
    }

    asked_ = now;
    MoveLagging(now);
    return archive_.GetLastChange() != reached_;
  }

  void ChangeLogCursor::Advance(std::int64_t sequence, std::chrono::steady_clock::time_point now)
  {
    reached_ = sequence;
    lagging_.emplace_back(now, sequence);
    MoveLagging(now);
  }

  void ChangeLogCursor::MoveLagging(std::chrono::steady_clock::time_point now)
  {
    std::optional<std::int64_t> sequence;

    while (!lagging_.empty() && now - lagging_.front().first >= LAG)
    {
      sequence = lagging_.front().second;
      lagging_.pop_front();
    }

    if (sequence)
    {
      store_.AdvanceCursor(CURSOR, *sequence);
    }
  }
}
