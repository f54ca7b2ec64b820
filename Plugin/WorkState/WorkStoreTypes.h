// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Delivery.h"
#include "Plugin/WorkState/StudyLabel.h"
#include "Plugin/WorkState/Task.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  struct StoreOptions
  {
    // "sqlite:///folder/file.db", "postgresql://user@host/database?..." or libpq's "postgresql://host=... dbname=...".
    std::string connection;
    std::chrono::seconds lockTimeout{10};  // SQLite: how long a writer waits for another
    unsigned auditDays = 0;                // older entries are left out and removed; 0: none ever
  };

  struct EnqueueRequest
  {
    std::string studyId;
    std::string studyInstanceUid;
    std::string fingerprint;
    Priority priority = Priority::Routine;
    UnixMs notBefore = 0;  // not before the study is stable; 0: at once
    bool force = false;

    // Nothing but a backfill asks at this priority, and a backfill is what a person asked for.
    bool IsByPerson() const noexcept
    {
      return priority == Priority::Backfill;
    }
  };

  // The key of the value that says which series of a study a person has chosen; it goes with the study.
  inline std::string MakeChoiceKey(const std::string& studyId)
  {
    return "series/" + studyId;
  }

  // What a worker may take.
  enum class ClaimScope
  {
    All,
    Requested  // only what a person asked for (Triage: off)
  };

  enum class EnqueueOutcome
  {
    Inserted,
    Requeued,
    AfterThisRun,  // running now; queued again when it ends
    Unchanged      // known content: nothing to do (its priority may have been raised)
  };

  enum class LeaseState
  {
    Held,
    CancelRequested,  // still held; stop and call FinishCancelled()
    Lost
  };

  // What a finished or refused task leaves behind. `json` is kept as it is.
  struct TaskResult
  {
    std::string seriesId;
    std::string json;
    std::optional<double> probabilityAltered;
    std::optional<double> volumeMm3;
    std::vector<DeliveryOrder> deliveries{};  // of Finish() only: ordered in the same transaction
    std::string summary{};                    // of Finish() only, JSON: what the history of the case keeps of it
  };

  enum class TaskOrder
  {
    Created,
    Updated,
    Priority,     // then oldest first: the order of claims
    Probability,  // tasks without one come last
    Volume,
    State
  };

  struct TaskQuery
  {
    std::vector<TaskState> states;  // empty: all
    std::optional<Priority> priority;
    std::optional<double> minimumProbability;
    std::optional<bool> reviewed;  // whether the study has a review
    std::optional<bool> masked;    // whether the study has a mask that a person drew
    std::optional<LabelFilter> label;
    bool unread = false;  // of what is done only what no review is of: of the result, or made without one
    TaskOrder order = TaskOrder::Updated;
    bool descending = true;
    std::size_t offset = 0;
    std::size_t limit = 50;  // at most 1000
  };

  struct TaskPage
  {
    std::vector<Task> tasks;
    std::uint64_t total = 0;  // without offset and limit
  };

  struct TaskCounters
  {
    std::map<TaskState, std::uint64_t> byState;  // every state is there
    UnixMs oldestWaitingSince = 0;               // due and not claimed; 0: none
  };

  // Either a request that wants to change something, with its outcome; or, without one, what the plugin recorded itself
  // together with a change: the content of a label, a review that came by DICOM.
  struct AuditEntry
  {
    std::int64_t id = 0;    // set by the store
    UnixMs at = 0;          // set by the store
    std::string who;        // the user, empty where the request named none; without an outcome "rest" or "archive"
    std::string what;       // "retryTask" (an operationId of openapi.json), "label-received", ...
    std::string subject;    // Orthanc identifier, model or run
    std::string details;    // JSON or text; no patient's name
    std::string role{};     // that the user had
    std::string outcome{};  // "done" | "refused" | "failed"
  };

  // Who an entry of the plugin's own is about: a user with a role; without a role, "rest" or "archive".
  struct AuditActor
  {
    std::string who;
    std::string role{};
  };

  // Newest first.
  struct AuditQuery
  {
    std::string subject;      // empty: all
    std::int64_t before = 0;  // only entries with a lower id; 0: from the newest on
    std::size_t limit = 100;
    std::string who{};   // empty: all
    std::string what{};  // empty: all
    UnixMs since = 0;
  };
}
