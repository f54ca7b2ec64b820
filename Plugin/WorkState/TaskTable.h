// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/SchemaScripts.h"
#include "Plugin/WorkState/ShadowResult.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <soci/soci.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  // All SQL of h3k27m_tasks, and the one place where its columns are mapped to Task. Stateless but for the session;
  // soci_error passes through to Connections. Included by .cpp files only.
  class TaskTable
  {
  public:
    // `session` must outlive this object.
    TaskTable(soci::session& session, Dialect dialect);

    // The one statement behind WorkStore::Claim().
    std::optional<Task> Claim(const std::string& owner, UnixMs leaseEnd, UnixMs now, ClaimScope scope);

    // Adds the row when the study has none. False when it had one.
    bool Insert(const EnqueueRequest& request, UnixMs now);

    // Inside a transaction: the row is locked until its end.
    std::optional<Task> Lock(std::int64_t taskId);
    std::optional<Task> LockByStudy(const std::string& studyId);

    // Running tasks whose lease ended before `now`, or that `owner` (when not empty) holds. Rows that another server
    // works on at this moment are left out.
    std::vector<Task> LockAbandoned(const std::string& owner, UnixMs now);

    std::optional<Task> Find(std::int64_t taskId);
    std::optional<Task> FindByStudy(const std::string& studyId);

    // Whose result was made of one of these series, at most 500 at once.
    std::vector<std::string> FindStudiesOfSeries(std::span<const std::string> seriesIds);

    // Those of these studies that have a task, at most 500 at once.
    std::vector<std::string> FindKnown(std::span<const std::string> studyIds);

    // See ShadowTable::FindNext().
    std::optional<Task> FindNotCompared(const ShadowModel& candidate, UnixMs since);

    // Writes every column that may change.
    void Update(const Task& task);

    bool Delete(const std::string& studyId);

    // At most `limit` of what waits at `priority`, see WorkStore::CancelWaiting(). Returns how many.
    std::size_t CancelWaiting(Priority priority, const std::string& reason, UnixMs now, std::size_t limit);

    // See WorkStore. Return how many wait less now.
    std::size_t LimitWaits(UnixMs latestQueued, UnixMs latestFailed);
    std::size_t ShortenWaits(UnixMs by, UnixMs now);

    TaskPage List(const TaskQuery& query);
    TaskCounters Count(UnixMs now);
    std::optional<UnixMs> GetNextDue();

  private:
    // "INDEXED BY ... ", where SQLite, which keeps no statistics, would choose another one.
    std::string UseIndex(const char* index) const;

    std::map<TaskState, std::uint64_t> CountStates();
    std::uint64_t CountMatches(const TaskQuery& query, const std::map<TaskState, std::uint64_t>& counts);

    // Of the tasks whose study has a row in `reports`, a table of labels or reviews, that fits `condition`.
    std::uint64_t CountReported(const std::string& reports, const TaskQuery& query, const std::string& condition);

    std::uint64_t CountRows(const TaskQuery& query, const std::string& tables, const std::string& condition);
    std::vector<Task> Select(soci::statement& statement, const std::string& sql);
    std::vector<std::string> SelectStudies(const char* column, std::span<const std::string> keys);
    std::optional<Task> SelectOne(const std::string& clause, std::int64_t taskId);
    std::optional<Task> SelectOne(const std::string& clause, const std::string& studyId);

    soci::session& session_;
    Dialect dialect_;
  };
}
