// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/AuditTable.h"
#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/DeliveryQueue.h"
#include "Plugin/WorkState/LogTables.h"
#include "Plugin/WorkState/Migrations.h"
#include "Plugin/WorkState/ShadowTable.h"
#include "Plugin/WorkState/TaskTable.h"
#include "Plugin/WorkState/WorkStore.h"

#include <span>
#include <utility>

namespace H3K27M::WorkState
{
  // The tables of one work store over its connections, and the transactions in which a task changes. Only WorkStore.cpp
  // includes this: SOCI stays out of what the rest of the plugin sees.
  class WorkStore::Implementation
  {
  public:
    // All but h3k27m_tasks, which changes in the transactions below.
    struct Tables
    {
      LabelTable labels;
      ReviewTable reviews;
      MaskTable masks;
      RunQueue runs;
      AuditTable audit;
      DeliveryQueue deliveries;
      ShadowTable shadows;
    };

    Implementation(const StoreOptions& options, const Support::IClock& clock) :
      connections_(options),
      clock_(clock),
      tables_{LabelTable(connections_),
              ReviewTable(connections_),
              MaskTable(connections_),
              RunQueue(connections_, clock),
              {connections_, clock, options.auditDays},
              DeliveryQueue(connections_, clock),
              ShadowTable(connections_, clock)}
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

    Tables& GetTables()
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

    // Applies `change(Task&)` to the task that `ticket` holds; false when the claim was lost.
    // `orders` are added in the same transaction.
    template <typename Change>
    bool ChangeHeld(const ClaimTicket& ticket, Change&& change, std::span<const DeliveryOrder> orders = {})
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
        DeliveryQueue::Add(session, *task, orders, Now());
        return true;
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
    Tables tables_;
  };
}
