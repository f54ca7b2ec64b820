// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/WorkStore.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"
#include "Plugin/WorkState/TaskTransitions.h"
#include "Plugin/WorkState/WorkStoreImplementation.h"

#include <algorithm>
#include <utility>

namespace H3K27M::WorkState
{
  namespace
  {
    // What `find` finds of `keys`, a part of them at a time: SQLite before 3.32 binds 999 values at most.
    // `implementation`: the store's, which nobody else can name.
    std::vector<std::string> FindInSteps(auto& implementation, std::span<const std::string> keys,
                                         std::vector<std::string> (TaskTable::*find)(std::span<const std::string>))
    {
      constexpr std::size_t STEP = 500;
      std::vector<std::string> all;

      for (std::size_t i = 0; i < keys.size(); i += STEP)
      {
        const std::span<const std::string> step = keys.subspan(i, std::min(STEP, keys.size() - i));
        const std::vector<std::string> found =
          implementation.Read([&](TaskTable& table) { return (table.*find)(step); });
        all.insert(all.end(), found.begin(), found.end());
      }

      return all;
    }
  }

  std::unique_ptr<WorkStore> WorkStore::Open(const StoreOptions& options, const Support::IClock& clock)
  {
    return std::unique_ptr<WorkStore>(new WorkStore(std::make_unique<Implementation>(options, clock)));
  }

  WorkStore::WorkStore(std::unique_ptr<Implementation> implementation) :
    implementation_(std::move(implementation))
  {
  }

  WorkStore::~WorkStore() = default;

  EnqueueOutcome WorkStore::Enqueue(const EnqueueRequest& request)
  {
    if (request.studyId.empty())
    {
      throw Error(ErrorCode::Internal, "Work store: a study without identifier");
    }

    return implementation_->Write([&](TaskTable& table)
    {
      const UnixMs now = implementation_->Now();

      if (table.Insert(request, now))
      {
        return EnqueueOutcome::Inserted;
      }

      std::optional<Task> task = table.LockByStudy(request.studyId);

      if (!task)
      {
        throw Error(ErrorCode::Unavailable, "Work store: study " + request.studyId + " was forgotten meanwhile");
      }

      const Priority before = task->priority;
      const bool wasRequested = task->requested;
      const EnqueueOutcome outcome = Transitions::Enqueue(*task, request, now);

      // The same slice reported twice costs no write.
      if (outcome != EnqueueOutcome::Unchanged || task->priority != before || task->requested != wasRequested)
      {
        table.Update(*task);
      }

      return outcome;
    });
  }

  Task WorkStore::Request(const std::string& studyId)
  {
    return implementation_->Write([&](TaskTable& table)
    {
      std::optional<Task> task = table.LockByStudy(studyId);

      if (!task)
      {
        throw Error(ErrorCode::NotFound, "There is no task of study " + studyId);
      }

      Transitions::Request(*task, implementation_->Now());
      table.Update(*task);
      return std::move(*task);
    });
  }

  std::optional<Task> WorkStore::Claim(const std::string& owner, std::chrono::milliseconds lease, ClaimScope scope)
  {
    if (owner.empty())
    {
      throw Error(ErrorCode::Internal, "Work store: a claim needs an owner");
    }

    const UnixMs now = implementation_->Now();
    return implementation_->Read([&](TaskTable& table) { return table.Claim(owner, now + lease.count(), now, scope); });
  }

  LeaseState WorkStore::Renew(const ClaimTicket& ticket, std::chrono::milliseconds lease)
  {
    bool cancelled = false;
    const bool held = implementation_->ChangeHeld(ticket, [&](Task& task)
    {
      task.leaseEnd = implementation_->Now() + lease.count();
      cancelled = task.cancelRequested;
    });

    return !held ? LeaseState::Lost : cancelled ? LeaseState::CancelRequested : LeaseState::Held;
  }

  bool WorkStore::Finish(const ClaimTicket& ticket, const TaskResult& result)
  {
    return implementation_->EndHeld(ticket, [&](Task& task)
    { Transitions::Finish(task, result, implementation_->Now()); }, TaskState::Done, result.summary, result.deliveries);
  }

  bool WorkStore::Refuse(const ClaimTicket& ticket, const std::string& reason, const TaskResult& result)
  {
    return implementation_->EndHeld(ticket, [&](Task& task)
    { Transitions::Refuse(task, reason, result, implementation_->Now()); }, TaskState::Refused, reason);
  }

  bool WorkStore::Fail(const ClaimTicket& ticket, const std::string& reason, bool canRetry, const RetryPolicy& policy)
  {
    return implementation_->EndHeld(ticket, [&](Task& task)
    { Transitions::Fail(task, reason, canRetry, policy, implementation_->Now()); }, TaskState::Failed, reason);
  }

  bool WorkStore::FinishCancelled(const ClaimTicket& ticket, const std::string& reason)
  {
    return implementation_->EndHeld(ticket, [&](Task& task)
    { Transitions::FinishCancelled(task, reason, implementation_->Now()); }, TaskState::Cancelled, "");
  }

  bool WorkStore::Release(const ClaimTicket& ticket)
  {
    return implementation_->ChangeHeld(ticket, [&](Task& task) { Transitions::Release(task, implementation_->Now()); });
  }

  Task WorkStore::Cancel(std::int64_t taskId, const std::string& reason)
  {
    return implementation_->ChangeAny(taskId,
                                      [&](Task& task) { Transitions::Cancel(task, reason, implementation_->Now()); });
  }

  std::size_t WorkStore::CancelWaiting(Priority priority, const std::string& reason, std::size_t step)
  {
    std::size_t total = 0;

    for (std::size_t changed = step; changed == step; total += changed)
    {
      changed = implementation_->Write([&](TaskTable& table)
      { return table.CancelWaiting(priority, reason, implementation_->Now(), step); });
    }

    return total;
  }

  Task WorkStore::Retry(std::int64_t taskId)
  {
    return implementation_->ChangeAny(taskId, [&](Task& task) { Transitions::Retry(task, implementation_->Now()); });
  }

  std::size_t WorkStore::RecoverLeases(const std::optional<std::string>& owner, unsigned maxInterruptions,
                                       const std::vector<ClaimTicket>& alive)
  {
    const std::vector<Task> recovered = implementation_->Write([&](TaskTable& table)
    {
      const UnixMs now = implementation_->Now();
      std::vector<Task> tasks = table.LockAbandoned(owner.value_or(""), now);
      std::erase_if(tasks, [&alive](const Task& task)
      { return std::find(alive.begin(), alive.end(), task.GetTicket()) != alive.end(); });

      for (Task& task : tasks)
      {
        Transitions::Interrupt(task, maxInterruptions, now);
        table.Update(task);
      }

      return tasks;
    });

    for (const Task& task : recovered)
    {
      Support::Log::Info("Work store: task " + std::to_string(task.id) + " (study " + task.studyId +
                         ") lost its worker and is now " + std::string(ToString(task.state)));
    }

    return recovered.size();
  }

  std::size_t WorkStore::LimitWaits(std::chrono::milliseconds queued, std::chrono::milliseconds failed)
  {
    const UnixMs now = implementation_->Now();
    Connections& connections = implementation_->GetConnections();
    return connections.Write([&](soci::session& session)
    {
      return TaskTable(session, connections.GetDialect()).LimitWaits(now + queued.count(), now + failed.count()) +
             DeliveryQueue::LimitWaits(session, now + failed.count());
    });
  }

  std::size_t WorkStore::ShortenWaits(std::chrono::milliseconds by)
  {
    const UnixMs now = implementation_->Now();
    Connections& connections = implementation_->GetConnections();
    return connections.Write([&](soci::session& session)
    {
      return TaskTable(session, connections.GetDialect()).ShortenWaits(by.count(), now) +
             DeliveryQueue::ShortenWaits(session, by.count(), now);
    });
  }

  bool WorkStore::Forget(const std::string& studyId)
  {
    Connections& connections = implementation_->GetConnections();
    return connections.Write([&](soci::session& session)
    {
      LabelTable::Remove(session, studyId);
      ReviewTable::Remove(session, studyId);
      MaskTable::Remove(session, studyId);
      DeliveryQueue::Remove(session, studyId);
      ShadowTable::Remove(session, studyId);
      AttemptTable::Remove(session, studyId);
      LogTables::RemoveValue(session, MakeChoiceKey(studyId));
      return TaskTable(session, connections.GetDialect()).Delete(studyId);
    });
  }

  bool WorkStore::ForgetTask(const std::string& studyId)
  {
    return implementation_->Write([&](TaskTable& table) { return table.Delete(studyId); });
  }

  std::optional<Task> WorkStore::Find(std::int64_t taskId)
  {
    return implementation_->Read([&](TaskTable& table) { return table.Find(taskId); });
  }

  std::optional<Task> WorkStore::FindByStudy(const std::string& studyId)
  {
    return implementation_->Read([&](TaskTable& table) { return table.FindByStudy(studyId); });
  }

  std::vector<std::string> WorkStore::FindStudiesOfSeries(std::span<const std::string> seriesIds)
  {
    return FindInSteps(*implementation_, seriesIds, &TaskTable::FindStudiesOfSeries);
  }

  std::vector<std::string> WorkStore::FindKnown(std::span<const std::string> studyIds)
  {
    return FindInSteps(*implementation_, studyIds, &TaskTable::FindKnown);
  }

  TaskPage WorkStore::List(const TaskQuery& query)
  {
    return implementation_->Read([&](TaskTable& table) { return table.List(query); });
  }

  TaskCounters WorkStore::GetCounters()
  {
    return implementation_->Read([&](TaskTable& table) { return table.Count(implementation_->Now()); });
  }

  std::optional<UnixMs> WorkStore::GetNextDue()
  {
    return implementation_->Read([](TaskTable& table) { return table.GetNextDue(); });
  }

  LabelTable& WorkStore::GetLabels()
  {
    return implementation_->GetTables().labels;
  }

  ReviewTable& WorkStore::GetReviews()
  {
    return implementation_->GetTables().reviews;
  }

  MaskTable& WorkStore::GetMasks()
  {
    return implementation_->GetTables().masks;
  }

  RunQueue& WorkStore::GetRuns()
  {
    return implementation_->GetTables().runs;
  }

  DeliveryQueue& WorkStore::GetDeliveries()
  {
    return implementation_->GetTables().deliveries;
  }

  AttemptTable& WorkStore::GetAttempts()
  {
    return implementation_->GetTables().attempts;
  }

  ShadowTable& WorkStore::GetShadows()
  {
    return implementation_->GetTables().shadows;
  }

  std::optional<std::string> WorkStore::GetValue(const std::string& key)
  {
    return LogTables(implementation_->GetConnections()).GetValue(key);
  }

  void WorkStore::SetValue(const std::string& key, const std::string& value)
  {
    LogTables(implementation_->GetConnections()).SetValue(key, value);
  }

  std::string WorkStore::SetValueOnce(const std::string& key, const std::string& value)
  {
    return LogTables(implementation_->GetConnections()).SetValueOnce(key, value);
  }

  bool WorkStore::ExchangeValues(const std::optional<std::string>& expected,
                                 const std::vector<std::pair<std::string, std::string>>& values,
                                 const AuditEntry& entry)
  {
    Connections& connections = implementation_->GetConnections();
    return connections.Write([&](soci::session& session)
    {
      if (LogTables::GetValue(session, connections.GetDialect(), values.front().first) != expected)
      {
        return false;
      }

      for (const auto& [key, value] : values)
      {
        LogTables::SetValue(session, key, value);
      }

      implementation_->GetTables().audit.Append(session, entry);
      return true;
    });
  }

  std::optional<std::int64_t> WorkStore::GetCursor(const std::string& name)
  {
    return LogTables(implementation_->GetConnections()).GetCursor(name);
  }

  void WorkStore::AdvanceCursor(const std::string& name, std::int64_t sequence)
  {
    LogTables(implementation_->GetConnections()).AdvanceCursor(name, sequence);
  }

  void WorkStore::AppendAudit(const AuditEntry& entry)
  {
    implementation_->GetTables().audit.Append(entry);
  }

  std::vector<AuditEntry> WorkStore::ListAudit(const AuditQuery& query)
  {
    return implementation_->GetTables().audit.List(query);
  }

  std::string WorkStore::GetDescription() const
  {
    return implementation_->GetConnections().GetDescription();
  }
}
