// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/LogTables.h"
#include "Plugin/WorkState/Migrations.h"
#include "Plugin/WorkState/TaskTable.h"
#include "Plugin/WorkState/WorkStore.h"
#include "Plugin/WorkState/WorkStoreTables.h"

#include <span>
#include <utility>

namespace H3K27M::WorkState
{
  // The tables of one work store over its connections, and the transactions in which a task changes. Only WorkStore.cpp
  // includes this: SOCI stays out of what the rest of the plugin sees.
  class WorkStore::Implementation
  {
  public:
    Implementation(const StoreOptions& options, const Support::IClock& clock) :
      connections_(options),
      clock_(clock),
      tables_(connections_, clock, options)
    {
      connections_.Run([&](soci::session& session)
      {
        Migrations migrations(session, connections_.GetDialect());
        migrations.MigrateTo(migrations.GetLatest());
        return true;
      });
      tables_.audit.Prune();
    }

    UnixMs Now() const
    {
      return clock_.NowMs();
    }

    Connections& GetConnections()
    {
      return connections_;
    }

    WorkStoreTables& GetTables()
    {
      return tables_;
    }

    template <typename Work>
    auto Read(Work&& work)
    {
      return connections_.Run([&](soci::session& session)
      {
        TaskTable table(session, connections_.GetDialect());
        return work(table);
      });
    }

    template <typename Work>
    auto Write(Work&& work)
    {
      return connections_.Write([&](soci::session& session)
      {
        TaskTable table(session, connections_.GetDialect());
        return work(table);
      });
    }

    // Applies `change(Task&)` to the task that `ticket` holds; false when the claim was lost. `further(session, task)`
    // goes into the same transaction.
    template <typename Change, typename Further>
    bool ChangeHeld(const ClaimTicket& ticket, Change&& change, Further&& further)
    {
      return connections_.Write([&](soci::session& session)
      {
        TaskTable table(session, connections_.GetDialect());
        std::optional<Task> task = table.Lock(ticket.taskId);

        if (!task || task->state != TaskState::Running || task->claim != ticket.number)
        {
          return false;
        }

        change(*task);
        table.Update(*task);
        further(session, *task);
        return true;
      });
    }

    template <typename Change>
    bool ChangeHeld(const ClaimTicket& ticket, Change&& change)
    {
      return ChangeHeld(ticket, std::forward<Change>(change), [](soci::session&, const Task&) {});
    }

    // The same for the end of an attempt, which the history keeps with `details`, else the task's reason. `orders` are
    // added in the same transaction.
    template <typename Change>
    bool EndHeld(const ClaimTicket& ticket, Change&& change, TaskState state, const std::string& details,
                 std::span<const DeliveryOrder> orders = {})
    {
      unsigned number = 0;
      const auto end = [&](Task& task)
      {
        number = task.attempts;
        change(task);
      };

      return ChangeHeld(ticket, end, [&](soci::session& session, const Task& task)
      {
        DeliveryQueue::Add(session, task, orders, Now());
        // What changed meanwhile is queued again, whatever the attempt came to.
        const TaskState ended = task.state == TaskState::Queued ? state : task.state;
        AttemptTable::Add(session, task.studyId, {Now(), number, ended, details.empty() ? task.reason : details});
      });
    }

    // Applies `change(Task&)` for a person; throws Error(NotFound).
    template <typename Change>
    Task ChangeAny(std::int64_t taskId, Change&& change)
    {
      return Write([&](TaskTable& table)
      {
        std::optional<Task> task = table.Lock(taskId);

        if (!task)
        {
          throw Error(ErrorCode::NotFound, "There is no task " + std::to_string(taskId));
        }

        change(*task);
        table.Update(*task);
        return std::move(*task);
      });
    }

  private:
    Connections connections_;
    const Support::IClock& clock_;
    WorkStoreTables tables_;
  };
}
