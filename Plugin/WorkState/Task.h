// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::WorkState
{
  using Support::UnixMs;

  //   Queued --Claim--> Running --Finish--> Done
  //     ^                 |  |---Refuse---> Refused     (expected: no candidate, a decision with a reason)
  //     |                 |  |---Cancel---> Cancelled
  //     |                 |  `---Fail-----> Failed      (tried again at notBefore: claimed like Queued)
  //     |                 |          `----> Dead        (no retry helps, or too many attempts)
  //     |                 `-- lease lost, Orthanc stopped --> Queued (or Dead, when it happens too often)
  //     `-- Retry, or Enqueue of other content: from every state; a running task is queued again when it ends.
  //         Request: from Failed, Dead and Cancelled
  enum class TaskState
  {
    Queued,
    Running,
    Done,
    Failed,
    Dead,
    Cancelled,
    Refused
  };

  // "queued", "running", ...: the names in the database and in REST.
  std::string_view ToString(TaskState state) noexcept;

  // Throws Error(BadInput) naming the text.
  TaskState ParseTaskState(std::string_view text);

  // Numbers as stored; higher is claimed first.
  enum class Priority
  {
    Backfill = 0,
    Routine = 1,
    Urgent = 2
  };

  // "backfill", "routine", "urgent".
  std::string_view ToString(Priority priority) noexcept;

  // Throws Error(BadInput) naming the text.
  Priority ParsePriority(std::string_view text);

  // Names one claim: every later claim of the same task has a higher number, so that a worker that lost its lease
  // cannot overwrite what its successor does.
  struct ClaimTicket
  {
    std::int64_t taskId = 0;
    std::int64_t number = 0;

    bool operator==(const ClaimTicket&) const = default;
  };

  // One study's row, as it was when read. Orthanc identifiers only, no names.
  struct Task
  {
    std::int64_t id = 0;
    std::string studyId;  // Orthanc identifier
    std::string studyInstanceUid;
    std::string seriesId;     // Orthanc identifier of the series that was chosen; empty until then
    std::string fingerprint;  // of the study's source instances, as they are to be handled
    TaskState state = TaskState::Queued;
    Priority priority = Priority::Routine;
    unsigned attempts = 0;       // claims since the content changed
    unsigned interruptions = 0;  // leases lost since then
    std::int64_t claim = 0;      // ClaimTicket::number of the last claim
    UnixMs notBefore = 0;
    std::string leaseOwner;  // empty when not running
    UnixMs leaseEnd = 0;
    bool rerun = false;  // running, and to be queued again when it ends
    bool cancelRequested = false;
    bool requested = false;  // a person asked for it, and it has not ended since
    std::string reason;      // of the last failure, refusal or cancellation, for a person
    std::string resultJson;  // of the last Finish or Refuse; empty when none. Kept while it is redone.
    std::optional<double> probabilityAltered;
    std::optional<double> volumeMm3;
    UnixMs createdAt = 0;
    UnixMs queuedAt = 0;  // since when it waits or waited
    UnixMs updatedAt = 0;
    UnixMs startedAt = 0;   // 0: never
    UnixMs finishedAt = 0;  // 0: never

    ClaimTicket GetTicket() const
    {
      return ClaimTicket{id, claim};
    }
  };
}
