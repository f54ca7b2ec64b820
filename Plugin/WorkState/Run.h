// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::WorkState
{
  enum class RunState
  {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled
  };

  // "queued", "running", "done", "failed", "cancelled": the names in REST and in the store.
  std::string_view ToString(RunState state) noexcept;

  // Empty for another name.
  std::optional<RunState> FindRunState(std::string_view name) noexcept;

  // Of the store's own names: throws Error(Corrupt) for another one.
  RunState ParseRunState(std::string_view name);

  // One run as the store keeps it. What it makes stands in its folder, which has its id.
  struct Run
  {
    std::string id;
    std::string kind;  // "snapshot", "pretrain", "fine-tune", "cross-validate", "ablate", "evaluate"
    RunState state = RunState::Queued;
    std::string requestJson;
    std::string datasetId;   // empty: not made yet, or none is needed
    std::string resultJson;  // empty until it is done
    std::string reason;      // why it failed, or was put back
    std::string owner;       // the worker that runs it, of which Orthanc
    unsigned attempts = 0;   // since it was last queued by a person; one that an orderly stop ended does not count
    bool isCancelling = false;
    Support::UnixMs createdAt = 0;
    Support::UnixMs startedAt = 0;   // last; 0: never
    Support::UnixMs finishedAt = 0;  // 0: not yet
    Support::UnixMs leaseEnd = 0;

    bool IsFinished() const noexcept
    {
      return state != RunState::Queued && state != RunState::Running;
    }
  };

  struct RunQuery
  {
    std::size_t offset = 0;
    std::size_t limit = 50;         // whatever it is: Plugin/Rest bounds what others ask for
    std::optional<RunState> state;  // any by default
    std::string kind;               // any when empty
  };
}
