// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ChangeLogCursor.h"

#include <algorithm>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr const char* CURSOR = "changes";

    // On PostgreSQL sequence numbers may commit out of order: read some again.
    constexpr std::int64_t OVERLAP = 200;

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
    Advance(archive_.GetLastChange());
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
    return archive_.GetLastChange() != reached_;
  }

  void ChangeLogCursor::Advance(std::int64_t sequence)
  {
    store_.AdvanceCursor(CURSOR, sequence);
    reached_ = sequence;
  }
}
