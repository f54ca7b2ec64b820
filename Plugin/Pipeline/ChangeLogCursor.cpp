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

    constexpr std::chrono::seconds CHECKPOINT_EVERY(10);

    // Beyond StableAge: Orthanc looks for stable studies every few seconds, and the event must get through our queue.
    constexpr std::chrono::seconds MARGIN(30);
  }

  ChangeLogCursor::ChangeLogCursor(Archive::IArchive& archive, WorkState::WorkStore& store,
                                   std::chrono::seconds stableAge, std::chrono::seconds coreStableAge) :
    archive_(archive),
    store_(store),
    age_(std::max(stableAge, coreStableAge) + MARGIN)
  {
  }

  std::optional<std::int64_t> ChangeLogCursor::GetStart()
  {
    const std::optional<std::int64_t> cursor = store_.GetCursor(CURSOR);
    return cursor ? std::make_optional(std::max<std::int64_t>(0, *cursor - OVERLAP)) : std::nullopt;
  }

  void ChangeLogCursor::BeginAtEnd()
  {
    store_.AdvanceCursor(CURSOR, archive_.GetLastChange());
  }

  void ChangeLogCursor::Move(std::chrono::steady_clock::time_point now, bool nothingWaits)
  {
    if (checkpoints_.empty() || now - checkpoints_.back().taken >= CHECKPOINT_EVERY)
    {
      checkpoints_.push_back({now, archive_.GetLastChange()});
    }

    while (nothingWaits && !checkpoints_.empty() && now - checkpoints_.front().taken >= age_)
    {
      store_.AdvanceCursor(CURSOR, checkpoints_.front().sequence);
      checkpoints_.pop_front();
    }
  }
}
