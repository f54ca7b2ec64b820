// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/TaskTable.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/ShortenedWaits.h"
#include "Plugin/WorkState/TaskRow.h"

#include <utility>

namespace H3K27M::WorkState
{
  TaskTable::TaskTable(soci::session& session, Dialect dialect) :
    session_(session),
    dialect_(dialect)
  {
  }

  std::vector<Task> TaskTable::Select(soci::statement& statement, const std::string& sql)
  {
    TaskRow row;
    row.BindInto(statement);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();

    std::vector<Task> tasks;

    // To the last row: SQLite commits an UPDATE ... RETURNING only when it has been stepped to its end.
    for (bool found = statement.execute(true); found; found = statement.fetch())
    {
      tasks.push_back(row.GetTask());
    }

    return tasks;
  }

  std::string TaskTable::UseIndex(const char* index) const
  {
    return dialect_ == Dialect::Sqlite ? "INDEXED BY " + std::string(index) + " " : "";
  }

  std::optional<Task> TaskTable::Claim(const std::string& owner, UnixMs leaseEnd, UnixMs now, ClaimScope scope)
  {
    const std::string sql =
      std::string(
        "UPDATE h3k27m_tasks SET state = 'running', attempts = attempts + 1, claim = claim + 1, lease_owner = :owner, "
        "lease_end = :leaseEnd, started_at = :now, updated_at = :now "
        "WHERE id = (SELECT id FROM h3k27m_tasks ") +
      UseIndex("h3k27m_tasks_waiting") + "WHERE state IN ('queued', 'failed') AND not_before <= :now" +
      (scope == ClaimScope::Requested ? " AND requested = 1" : "") + " ORDER BY priority DESC, queued_at, id LIMIT 1" +
      (dialect_ == Dialect::PostgreSql ? " FOR UPDATE SKIP LOCKED" : "") + ") RETURNING " + TaskRow::COLUMNS;

    const long long end = leaseEnd;
    const long long time = now;
    soci::statement statement(session_);
    statement.exchange(soci::use(owner, "owner"));
    statement.exchange(soci::use(end, "leaseEnd"));
    statement.exchange(soci::use(time, "now"));

    std::vector<Task> tasks = Select(statement, sql);
    return tasks.empty() ? std::nullopt : std::optional<Task>(std::move(tasks.front()));
  }

  bool TaskTable::Insert(const EnqueueRequest& request, UnixMs now)
  {
    const int priority = static_cast<int>(request.priority);
    const int requested = request.IsByPerson() ? 1 : 0;
    const long long notBefore = request.notBefore;
    const long long time = now;
    soci::statement statement =
      (session_.prepare
         << "INSERT INTO h3k27m_tasks (study_id, study_uid, fingerprint, state, priority, not_before, requested, "
            "created_at, queued_at, updated_at) "
            "VALUES (:study, :uid, :fingerprint, 'queued', :priority, :notBefore, :requested, :now, :now, :now) "
            "ON CONFLICT (study_id) DO NOTHING",
       soci::use(request.studyId, "study"), soci::use(request.studyInstanceUid, "uid"),
       soci::use(request.fingerprint, "fingerprint"), soci::use(priority, "priority"),
       soci::use(notBefore, "notBefore"), soci::use(requested, "requested"), soci::use(time, "now"));
    statement.execute(true);
    return statement.get_affected_rows() == 1;
  }

  std::optional<Task> TaskTable::SelectOne(const std::string& clause, std::int64_t taskId)
  {
    const long long id = taskId;
    soci::statement statement(session_);
    statement.exchange(soci::use(id, "key"));
    std::vector<Task> tasks =
      Select(statement, std::string("SELECT ") + TaskRow::COLUMNS + " FROM h3k27m_tasks WHERE id = :key" + clause);
    return tasks.empty() ? std::nullopt : std::optional<Task>(std::move(tasks.front()));
  }

  std::optional<Task> TaskTable::SelectOne(const std::string& clause, const std::string& studyId)
  {
    soci::statement statement(session_);
    statement.exchange(soci::use(studyId, "key"));
    std::vector<Task> tasks = Select(statement, std::string("SELECT ") + TaskRow::COLUMNS +
                                                  " FROM h3k27m_tasks WHERE study_id = :key" + clause);
    return tasks.empty() ? std::nullopt : std::optional<Task>(std::move(tasks.front()));
  }

  std::optional<Task> TaskTable::Lock(std::int64_t taskId)
  {
    return SelectOne(dialect_ == Dialect::PostgreSql ? " FOR UPDATE" : "", taskId);
  }

  std::optional<Task> TaskTable::LockByStudy(const std::string& studyId)
  {
    return SelectOne(dialect_ == Dialect::PostgreSql ? " FOR UPDATE" : "", studyId);
  }

  std::optional<Task> TaskTable::Find(std::int64_t taskId)
  {
    return SelectOne("", taskId);
  }

  std::optional<Task> TaskTable::FindByStudy(const std::string& studyId)
  {
    return SelectOne("", studyId);
  }

  std::vector<std::string> TaskTable::FindStudiesOfSeries(std::span<const std::string> seriesIds)
  {
    return SelectStudies("series_id", seriesIds);
  }

  std::vector<std::string> TaskTable::FindKnown(std::span<const std::string> studyIds)
  {
    return SelectStudies("study_id", studyIds);
  }

  std::vector<std::string> TaskTable::SelectStudies(const char* column, std::span<const std::string> keys)
  {
    std::vector<std::string> studies;
    std::string study;
    std::string names;
    soci::statement statement(session_);
    statement.exchange(soci::into(study));

    for (std::size_t i = 0; i < keys.size(); i++)
    {
      const std::string name = "key" + std::to_string(i);
      statement.exchange(soci::use(keys[i], name));
      names += (names.empty() ? ":" : ", :") + name;
    }

    statement.alloc();
    statement.prepare(std::string("SELECT study_id FROM h3k27m_tasks WHERE ") + column + " IN (" + names +
                      ") ORDER BY study_id");
    statement.define_and_bind();

    for (bool found = statement.execute(true); found; found = statement.fetch())
    {
      studies.push_back(study);
    }

    return studies;
  }

  std::vector<Task> TaskTable::LockAbandoned(const std::string& owner, UnixMs now)
  {
    const long long time = now;
    soci::statement statement(session_);
    statement.exchange(soci::use(time, "now"));
    statement.exchange(soci::use(owner, "owner"));
    return Select(statement, std::string("SELECT ") + TaskRow::COLUMNS +
                               " FROM h3k27m_tasks WHERE state = 'running' "
                               "AND (lease_end < :now OR (lease_owner <> '' AND lease_owner = :owner)) ORDER BY id" +
                               (dialect_ == Dialect::PostgreSql ? " FOR UPDATE SKIP LOCKED" : ""));
  }

  void TaskTable::Update(const Task& task)
  {
    TaskRow row(task);
    soci::statement statement(session_);
    row.BindUse(statement);
    statement.alloc();
    statement.prepare(TaskRow::UPDATE);
    statement.define_and_bind();
    statement.execute(true);

    if (statement.get_affected_rows() != 1)
    {
      throw Error(ErrorCode::Internal, "Work store: task " + std::to_string(task.id) + " vanished while it was locked");
    }
  }

  std::size_t TaskTable::LimitWaits(UnixMs latestQueued, UnixMs latestFailed)
  {
    const long long queued = latestQueued;
    const long long failed = latestFailed;
    soci::statement statement =
      (session_.prepare << "UPDATE h3k27m_tasks SET not_before = CASE WHEN state = 'queued' THEN CAST(:queued AS "
                           "BIGINT) ELSE CAST(:failed AS BIGINT) END WHERE (state = 'queued' AND not_before > :queued) "
                           "OR (state = 'failed' AND not_before > :failed)",
       soci::use(queued, "queued"), soci::use(failed, "failed"));
    statement.execute(true);
    return static_cast<std::size_t>(statement.get_affected_rows());
  }

  // As Transitions::Cancel() does to one that waits. What another server is claiming at this moment is left to it.
  std::size_t TaskTable::CancelWaiting(Priority priority, const std::string& reason, UnixMs now, std::size_t limit)
  {
    const int level = static_cast<int>(priority);
    const long long time = now;
    const long long most = static_cast<long long>(limit);
    soci::statement statement =
      (session_.prepare << "UPDATE h3k27m_tasks SET state = 'cancelled', reason = :reason, requested = 0, "
                           "lease_owner = '', lease_end = 0, finished_at = :now, updated_at = :now "
                           "WHERE id IN (SELECT id FROM h3k27m_tasks " +
                             UseIndex("h3k27m_tasks_waiting") +
                             "WHERE state IN ('queued', 'failed') AND priority = :priority LIMIT :limit" +
                             (dialect_ == Dialect::PostgreSql ? " FOR UPDATE SKIP LOCKED" : "") + ")",
       soci::use(reason, "reason"), soci::use(time, "now"), soci::use(level, "priority"), soci::use(most, "limit"));
    statement.execute(true);
    return static_cast<std::size_t>(statement.get_affected_rows());
  }

  std::size_t TaskTable::ShortenWaits(UnixMs by, UnixMs now)
  {
    const long long difference = by;
    const long long time = now;
    soci::statement statement =
      (session_.prepare << GetShortenWaits("h3k27m_tasks", "state IN ('queued', 'failed', 'running')"),
       soci::use(difference, "by"), soci::use(time, "now"));
    statement.execute(true);
    return static_cast<std::size_t>(statement.get_affected_rows());
  }

  bool TaskTable::Delete(const std::string& studyId)
  {
    soci::statement statement =
      (session_.prepare << "DELETE FROM h3k27m_tasks WHERE study_id = :study", soci::use(studyId, "study"));
    statement.execute(true);
    return statement.get_affected_rows() > 0;
  }
}
