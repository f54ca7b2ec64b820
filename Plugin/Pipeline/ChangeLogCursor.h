// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace H3K27M::Pipeline
{
  // Up to where the archive's change log needs no reading after a restart: all before is safe in the work store.
  // Followed by checkpoints: a change before one belongs to a study that has become stable since, and whose event was
  // handled; or that changed again, and then the log has it behind the checkpoint too. One thread.
  class ChangeLogCursor
  {
  public:
    // `stableAge` is what we wait for, `coreStableAge` what the archive waits before it tells of a stable study: the
    // longer counts. The references must outlive this object.
    ChangeLogCursor(Archive::IArchive& archive, WorkState::WorkStore& store, std::chrono::seconds stableAge,
                    std::chrono::seconds coreStableAge);

    // Where to read from, some before the cursor; empty on the first start.
    std::optional<std::int64_t> GetStart();

    // At the end of the log, on the first start.
    void BeginAtEnd();

    // Takes a checkpoint from time to time, and, when no event waits, moves the cursor to the last one that is old
    // enough. To be called often.
    void Move(std::chrono::steady_clock::time_point now, bool nothingWaits);

  private:
    struct Checkpoint
    {
      std::chrono::steady_clock::time_point taken;
      std::int64_t sequence;
    };

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    std::chrono::seconds age_;
    std::deque<Checkpoint> checkpoints_;
  };
}
