// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Task.h"

#include <soci/soci.h>

#include <string>

namespace H3K27M::WorkState
{
  // One row of h3k27m_tasks in the types that SOCI exchanges with both databases. Bound variables are filled in place,
  // so a row must not move while its statement lives.
  class TaskRow
  {
  public:
    // In the order of BindInto().
    static constexpr const char* COLUMNS =
      "id, study_id, study_uid, series_id, fingerprint, state, priority, attempts, interruptions, claim, not_before, "
      "lease_owner, lease_end, rerun, cancel_requested, requested, reason, result, probability_altered, volume_mm3, "
      "created_at, queued_at, updated_at, started_at, finished_at";

    static constexpr const char* UPDATE =
      "UPDATE h3k27m_tasks SET study_uid = :uid, series_id = :series, fingerprint = :fingerprint, state = :state, "
      "priority = :priority, attempts = :attempts, interruptions = :interruptions, not_before = :notBefore, "
      "lease_owner = :leaseOwner, lease_end = :leaseEnd, rerun = :rerun, cancel_requested = :cancelRequested, "
      "requested = :requested, reason = :reason, result = :result, probability_altered = :probability, "
      "volume_mm3 = :volume, queued_at = :queuedAt, updated_at = :updatedAt, finished_at = :finishedAt WHERE id = :id";

    TaskRow() = default;

    explicit TaskRow(const Task& task);

    TaskRow(const TaskRow&) = delete;
    TaskRow& operator=(const TaskRow&) = delete;

    ~TaskRow() = default;

    void BindInto(soci::statement& statement);
    void BindUse(soci::statement& statement);

    // Throws Error(Corrupt) when a column holds what this release does not know.
    Task GetTask() const;

  private:
    long long id_ = 0;
    std::string studyId_;
    std::string studyInstanceUid_;
    std::string seriesId_;
    std::string fingerprint_;
    std::string state_;
    long long priority_ = 0;
    long long attempts_ = 0;
    long long interruptions_ = 0;
    long long claim_ = 0;
    long long notBefore_ = 0;
    std::string leaseOwner_;
    long long leaseEnd_ = 0;
    long long rerun_ = 0;
    long long cancelRequested_ = 0;
    long long requested_ = 0;
    std::string reason_;
    std::string result_;
    double probability_ = 0;
    soci::indicator probabilityIndicator_ = soci::i_null;
    double volume_ = 0;
    soci::indicator volumeIndicator_ = soci::i_null;
    long long createdAt_ = 0;
    long long queuedAt_ = 0;
    long long updatedAt_ = 0;
    long long startedAt_ = 0;
    long long finishedAt_ = 0;
  };
}
