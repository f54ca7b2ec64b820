// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/TaskTransitions.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>

namespace H3K27M::WorkState::Transitions
{
  namespace
  {
    void DropLease(Task& task)
    {
      task.leaseOwner.clear();
      task.leaseEnd = 0;
    }

    // As if it had just come in: nothing that happened before counts against it.
    void QueueAfresh(Task& task, UnixMs notBefore, UnixMs now)
    {
      DropLease(task);
      task.state = TaskState::Queued;
      task.attempts = 0;
      task.interruptions = 0;
      task.notBefore = notBefore;
      task.queuedAt = now;
      task.rerun = false;
      task.cancelRequested = false;
      task.reason.clear();
    }

    // The running attempt is over. When the study changed meanwhile, what was found is of yesterday: queued again.
    void End(Task& task, TaskState state, UnixMs now)
    {
      task.updatedAt = now;
      task.finishedAt = now;

      if (task.rerun)
      {
        QueueAfresh(task, task.notBefore, now);
        return;
      }

      DropLease(task);
      task.cancelRequested = false;
      task.state = state;

      if (state != TaskState::Queued && state != TaskState::Failed)
      {
        task.requested = false;
      }
    }

    bool IsWaiting(const Task& task)
    {
      return task.state == TaskState::Queued || task.state == TaskState::Failed;
    }

    void KeepResult(Task& task, const TaskResult& result)
    {
      task.seriesId = result.seriesId;
      task.resultJson = result.json;
      task.probabilityAltered = result.probabilityAltered;
      task.volumeMm3 = result.volumeMm3;
    }
  }

  EnqueueOutcome Enqueue(Task& task, const EnqueueRequest& request, UnixMs now)
  {
    // What one person cancelled another may ask for; what comes by itself leaves it so.
    const bool isWantedAgain = request.IsByPerson() && task.state == TaskState::Cancelled;
    const bool isNew = request.force || isWantedAgain || task.fingerprint != request.fingerprint;

    if (request.priority > task.priority)
    {
      task.priority = request.priority;
      task.updatedAt = now;
    }

    if (request.IsByPerson() && (isNew || IsWaiting(task)))
    {
      task.requested = true;
    }

    if (!isNew)
    {
      return EnqueueOutcome::Unchanged;
    }

    task.studyInstanceUid = request.studyInstanceUid;
    task.fingerprint = request.fingerprint;
    task.updatedAt = now;

    if (task.state == TaskState::Running)
    {
      task.rerun = true;
      task.notBefore = request.notBefore;
      return EnqueueOutcome::AfterThisRun;
    }

    QueueAfresh(task, request.notBefore, now);
    return EnqueueOutcome::Requeued;
  }

  void Request(Task& task, UnixMs now)
  {
    switch (task.state)
    {
      case TaskState::Queued:
        task.notBefore = std::min(task.notBefore, now);
        break;

      case TaskState::Running:
        // What was cancelled a moment ago is wanted again; what comes after this run need not wait either.
        task.rerun = task.rerun || task.cancelRequested;
        task.notBefore = std::min(task.notBefore, now);
        break;

      case TaskState::Failed:
      case TaskState::Dead:
      case TaskState::Cancelled:
        QueueAfresh(task, now, now);
        break;

      case TaskState::Done:
      case TaskState::Refused:
        // The answer stands already; `force` computes it anew.
        return;
    }

    task.requested = true;
    task.updatedAt = now;
  }

  void Finish(Task& task, const TaskResult& result, UnixMs now)
  {
    KeepResult(task, result);
    task.reason.clear();
    End(task, TaskState::Done, now);
  }

  void Refuse(Task& task, const std::string& reason, const TaskResult& result, UnixMs now)
  {
    KeepResult(task, result);
    task.reason = reason;
    End(task, TaskState::Refused, now);
  }

  void Fail(Task& task, const std::string& reason, bool canRetry, const RetryPolicy& policy, UnixMs now)
  {
    const bool again = canRetry && task.attempts < policy.maxAttempts;
    task.reason = reason;

    // A retry would only start what a person just cancelled.
    if (task.cancelRequested)
    {
      End(task, TaskState::Cancelled, now);
      return;
    }

    if (again && !task.rerun)
    {
      task.notBefore = now + policy.GetDelay(task.attempts).count();
      task.queuedAt = now;
    }

    End(task, again ? TaskState::Failed : TaskState::Dead, now);
  }

  void FinishCancelled(Task& task, const std::string& reason, UnixMs now)
  {
    // The reason that a person gave with Cancel() says more than that of the worker.
    if (!task.cancelRequested || task.reason.empty())
    {
      task.reason = reason;
    }

    End(task, TaskState::Cancelled, now);
  }

  void Release(Task& task, UnixMs now)
  {
    if (task.cancelRequested)
    {
      End(task, TaskState::Cancelled, now);
      return;
    }

    task.attempts -= std::min(task.attempts, 1u);
    End(task, TaskState::Queued, now);
  }

  void Interrupt(Task& task, unsigned maxInterruptions, UnixMs now)
  {
    task.attempts -= std::min(task.attempts, 1u);
    task.interruptions++;

    if (task.cancelRequested)
    {
      End(task, TaskState::Cancelled, now);
      return;
    }

    const bool tooOften = task.interruptions >= maxInterruptions;

    // It was due already; the clock may have been set back since.
    if (!task.rerun)
    {
      task.notBefore = std::min(task.notBefore, now);
    }

    if (tooOften)
    {
      task.reason = "Interrupted " + std::to_string(task.interruptions) + " times: its worker ended each time";
    }

    End(task, tooOften ? TaskState::Dead : TaskState::Queued, now);
  }

  void Cancel(Task& task, const std::string& reason, UnixMs now)
  {
    switch (task.state)
    {
      case TaskState::Queued:
      case TaskState::Failed:
        task.reason = reason;
        End(task, TaskState::Cancelled, now);
        return;

      case TaskState::Running:
        task.reason = reason;
        task.cancelRequested = true;
        task.rerun = false;  // what changes after the cancellation is new work and queues it again
        task.updatedAt = now;
        return;

      case TaskState::Done:
      case TaskState::Dead:
      case TaskState::Cancelled:
      case TaskState::Refused:
        break;
    }

    throw Error(ErrorCode::Conflict, "Task " + std::to_string(task.id) + " is " + std::string(ToString(task.state)) +
                                       ": there is nothing to cancel");
  }

  void Retry(Task& task, UnixMs now)
  {
    if (task.state == TaskState::Running)
    {
      throw Error(ErrorCode::Conflict, "Task " + std::to_string(task.id) + " is running: cancel it first");
    }

    task.requested = true;

    if (task.state != TaskState::Queued)
    {
      task.updatedAt = now;
      QueueAfresh(task, now, now);
    }
  }
}
