// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/TaskRow.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::WorkState
{
  TaskRow::TaskRow(const Task& task) :
    id_(task.id),
    studyId_(task.studyId),
    studyInstanceUid_(task.studyInstanceUid),
    seriesId_(task.seriesId),
    fingerprint_(task.fingerprint),
    state_(ToString(task.state)),
    priority_(static_cast<int>(task.priority)),
    attempts_(task.attempts),
    interruptions_(task.interruptions),
    claim_(task.claim),
    notBefore_(task.notBefore),
    leaseOwner_(task.leaseOwner),
    leaseEnd_(task.leaseEnd),
    rerun_(task.rerun ? 1 : 0),
    cancelRequested_(task.cancelRequested ? 1 : 0),
    requested_(task.requested ? 1 : 0),
    reason_(task.reason),
    result_(task.resultJson),
    probability_(task.probabilityAltered.value_or(0)),
    probabilityIndicator_(task.probabilityAltered ? soci::i_ok : soci::i_null),
    volume_(task.volumeMm3.value_or(0)),
    volumeIndicator_(task.volumeMm3 ? soci::i_ok : soci::i_null),
    createdAt_(task.createdAt),
    queuedAt_(task.queuedAt),
    updatedAt_(task.updatedAt),
    startedAt_(task.startedAt),
    finishedAt_(task.finishedAt)
  {
  }

  void TaskRow::BindInto(soci::statement& statement)
  {
    statement.exchange(soci::into(id_));
    statement.exchange(soci::into(studyId_));
    statement.exchange(soci::into(studyInstanceUid_));
    statement.exchange(soci::into(seriesId_));
    statement.exchange(soci::into(fingerprint_));
    statement.exchange(soci::into(state_));
    statement.exchange(soci::into(priority_));
    statement.exchange(soci::into(attempts_));
    statement.exchange(soci::into(interruptions_));
    statement.exchange(soci::into(claim_));
    statement.exchange(soci::into(notBefore_));
    statement.exchange(soci::into(leaseOwner_));
    statement.exchange(soci::into(leaseEnd_));
    statement.exchange(soci::into(rerun_));
    statement.exchange(soci::into(cancelRequested_));
    statement.exchange(soci::into(requested_));
    statement.exchange(soci::into(reason_));
    statement.exchange(soci::into(result_));
    statement.exchange(soci::into(probability_, probabilityIndicator_));
    statement.exchange(soci::into(volume_, volumeIndicator_));
    statement.exchange(soci::into(createdAt_));
    statement.exchange(soci::into(queuedAt_));
    statement.exchange(soci::into(updatedAt_));
    statement.exchange(soci::into(startedAt_));
    statement.exchange(soci::into(finishedAt_));
  }

  void TaskRow::BindUse(soci::statement& statement)
  {
    statement.exchange(soci::use(studyInstanceUid_, "uid"));
    statement.exchange(soci::use(seriesId_, "series"));
    statement.exchange(soci::use(fingerprint_, "fingerprint"));
    statement.exchange(soci::use(state_, "state"));
    statement.exchange(soci::use(priority_, "priority"));
    statement.exchange(soci::use(attempts_, "attempts"));
    statement.exchange(soci::use(interruptions_, "interruptions"));
    statement.exchange(soci::use(notBefore_, "notBefore"));
    statement.exchange(soci::use(leaseOwner_, "leaseOwner"));
    statement.exchange(soci::use(leaseEnd_, "leaseEnd"));
    statement.exchange(soci::use(rerun_, "rerun"));
    statement.exchange(soci::use(cancelRequested_, "cancelRequested"));
    statement.exchange(soci::use(requested_, "requested"));
    statement.exchange(soci::use(reason_, "reason"));
    statement.exchange(soci::use(result_, "result"));
    statement.exchange(soci::use(probability_, probabilityIndicator_, "probability"));
    statement.exchange(soci::use(volume_, volumeIndicator_, "volume"));
    statement.exchange(soci::use(queuedAt_, "queuedAt"));
    statement.exchange(soci::use(updatedAt_, "updatedAt"));
    statement.exchange(soci::use(finishedAt_, "finishedAt"));
    statement.exchange(soci::use(id_, "id"));
  }

  Task TaskRow::GetTask() const
  {
    if (priority_ < 0 || priority_ > 2 || attempts_ < 0 || interruptions_ < 0)
    {
      throw Error(ErrorCode::Corrupt, "Work store: task " + std::to_string(id_) + " holds an impossible number");
    }

    Task task;
    task.id = id_;
    task.studyId = studyId_;
    task.studyInstanceUid = studyInstanceUid_;
    task.seriesId = seriesId_;
    task.fingerprint = fingerprint_;
    task.state = ParseTaskState(state_);
    task.priority = static_cast<Priority>(priority_);
    task.attempts = static_cast<unsigned>(attempts_);
    task.interruptions = static_cast<unsigned>(interruptions_);
    task.claim = claim_;
    task.notBefore = notBefore_;
    task.leaseOwner = leaseOwner_;
    task.leaseEnd = leaseEnd_;
    task.rerun = rerun_ != 0;
    task.cancelRequested = cancelRequested_ != 0;
    task.requested = requested_ != 0;
    task.reason = reason_;
    task.resultJson = result_;
    task.probabilityAltered = probabilityIndicator_ == soci::i_ok ? std::optional<double>(probability_) : std::nullopt;
    task.volumeMm3 = volumeIndicator_ == soci::i_ok ? std::optional<double>(volume_) : std::nullopt;
    task.createdAt = createdAt_;
    task.queuedAt = queuedAt_;
    task.updatedAt = updatedAt_;
    task.startedAt = startedAt_;
    task.finishedAt = finishedAt_;
    return task;
  }
}
