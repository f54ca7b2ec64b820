// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Task.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <string>

namespace H3K27M::WorkState
{
  // The state machine of Task.h, free of SQL: each function changes a task that was read under lock. The store writes
  // it back in the same transaction. Only the claim is not here, because it is one SQL statement.
  namespace Transitions
  {
    // Of a study that has a task already.
    EnqueueOutcome Enqueue(Task& task, const EnqueueRequest& request, UnixMs now);

    // A person asked for the study, whose content did not change.
    void Request(Task& task, UnixMs now);

    void Finish(Task& task, const TaskResult& result, UnixMs now);
    void Refuse(Task& task, const std::string& reason, const TaskResult& result, UnixMs now);
    void Fail(Task& task, const std::string& reason, bool canRetry, const RetryPolicy& policy, UnixMs now);
    void FinishCancelled(Task& task, const std::string& reason, UnixMs now);
    void Release(Task& task, UnixMs now);

    // Lease lost: the worker died or was killed.
    void Interrupt(Task& task, unsigned maxInterruptions, UnixMs now);

    // Throw Error(Conflict) naming the state.
    void Cancel(Task& task, const std::string& reason, UnixMs now);
    void Retry(Task& task, UnixMs now);
  }
}
