// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace H3K27M::Pipeline
{
  // Up to where the archive's change log was read: what was touched before is safe in the work store. Orthancs that
  // share a store share the cursor. It lags by a minute: on PostgreSQL a change may appear after one of a higher
  // number, and is found when the log is read again from there. One thread.
  class ChangeLogCursor
  {
  public:
    // The references must outlive this object.
    ChangeLogCursor(Archive::IArchive& archive, WorkState::WorkStore& store);

    // Where to read from, some before the cursor; empty on the first start.
    std::optional<std::int64_t> GetStart();

    // At the end of the log, on the first start.
    void BeginAtEnd();

    // Whether the log has grown and was not read for a while. To be asked often.
    bool IsDue(std::chrono::steady_clock::time_point now);

    // All up to there was read, and is in the store.
    void Advance(std::int64_t sequence, std::chrono::steady_clock::time_point now);

  private:
    void MoveLagging(std::chrono::steady_clock::time_point now);

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    std::optional<std::chrono::steady_clock::time_point> asked_;
    std::int64_t reached_ = 0;                                                            // by this process
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::int64_t>> lagging_;  // when what was reached
  };
}
