// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/RunQueue.h"

#include "Plugin/WorkState/Connections.h"

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr const char* RUN_COLUMNS =
      "id, kind, state, request, dataset, result, reason, owner, attempts, cancelling, created_at, started_at, "
      "finished_at, lease_end";

    // Runs a SELECT of RUN_COLUMNS whose variables are bound already.
    std::vector<Run> SelectRuns(soci::statement& statement, const std::string& clause)
    {
      Run run;
      std::string state;
      long long attempts = 0;
      long long cancelling = 0;
      long long times[4] = {};

      for (std::string* text :
           {&run.id, &run.kind, &state, &run.requestJson, &run.datasetId, &run.resultJson, &run.reason, &run.owner})
      {
        statement.exchange(soci::into(*text));
      }

      statement.exchange(soci::into(attempts));
      statement.exchange(soci::into(cancelling));

      for (long long& time : times)
      {
        statement.exchange(soci::into(time));
      }

      statement.alloc();
      statement.prepare(std::string("SELECT ") + RUN_COLUMNS + " FROM h3k27m_runs " + clause);
      statement.define_and_bind();
      std::vector<Run> runs;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        run.state = ParseRunState(state);
        run.attempts = static_cast<unsigned>(attempts);
        run.isCancelling = cancelling != 0;
        run.createdAt = times[0];
        run.startedAt = times[1];
        run.finishedAt = times[2];
        run.leaseEnd = times[3];
        runs.push_back(run);
      }

      return runs;
    }

    // What a listing leaves out, as a condition whose variables are bound to a statement.
    class Narrowing
    {
    public:
      explicit Narrowing(const RunQuery& query) :
        state_(query.state ? ToString(*query.state) : std::string_view()),
        kind_(query.kind)
      {
      }

      std::string Bind(soci::statement& statement) const
      {
        std::string condition;
        Add("state", state_, statement, condition);
        Add("kind", kind_, statement, condition);
        return condition;
      }

    private:
      static void Add(const std::string& column, const std::string& value, soci::statement& statement,
                      std::string& condition)
      {
        if (!value.empty())
        {
          statement.exchange(soci::use(value, column));
          condition += condition.empty() ? "WHERE " : "AND ";
          condition += column + " = :" + column + " ";
        }
      }

      std::string state_;
      std::string kind_;
    };

    bool HasChanged(soci::statement& statement)
    {
      statement.execute(true);
      return statement.get_affected_rows() > 0;
    }
  }

  RunQueue::RunQueue(Connections& connections, const Support::IClock& clock) :
    connections_(connections),
    clock_(clock)
  {
  }

  void RunQueue::Insert(const Run& run)
  {
    const std::string state(ToString(run.state));
    const long long createdAt = clock_.NowMs();
    connections_.Run([&](soci::session& session)
    {
      session << "INSERT INTO h3k27m_runs (id, kind, state, request, dataset, result, reason, owner, attempts, "
                 "cancelling, created_at, started_at, finished_at, lease_end) VALUES (:id, :kind, :state, :request, "
                 ":dataset, '', '', '', 0, 0, :created, 0, 0, 0)",
        soci::use(run.id, "id"), soci::use(run.kind, "kind"), soci::use(state, "state"),
        soci::use(run.requestJson, "request"), soci::use(run.datasetId, "dataset"), soci::use(createdAt, "created");
      return true;
    });
  }

  std::optional<Run> RunQueue::Find(const std::string& id)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(id, "id"));
      std::vector<WorkState::Run> runs = SelectRuns(statement, "WHERE id = :id");
      return runs.empty() ? std::nullopt : std::optional<WorkState::Run>(std::move(runs.front()));
    });
  }

  std::vector<Run> RunQueue::List(const RunQuery& query)
  {
    const auto limit = static_cast<long long>(query.limit);
    const auto offset = static_cast<long long>(query.offset);
    const Narrowing narrowing(query);
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      const std::string condition = narrowing.Bind(statement);
      statement.exchange(soci::use(limit, "limit"));
      statement.exchange(soci::use(offset, "offset"));
      return SelectRuns(statement, condition + "ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset");
    });
  }

  std::uint64_t RunQueue::Count(const RunQuery& query)
  {
    const Narrowing narrowing(query);
    return connections_.Run([&](soci::session& session)
    {
      long long count = 0;
      soci::statement statement(session);
      const std::string condition = narrowing.Bind(statement);
      statement.exchange(soci::into(count));
      statement.alloc();
      statement.prepare("SELECT COUNT(*) FROM h3k27m_runs " + condition);
      statement.define_and_bind();
      statement.execute(true);
      return static_cast<std::uint64_t>(count);
    });
  }

  std::optional<Run> RunQueue::Claim(const std::string& owner, std::chrono::milliseconds lease, unsigned maxRunning)
  {
    const long long startedAt = clock_.NowMs();
    const long long end = startedAt + lease.count();
    return connections_.Write([&](soci::session& session) -> std::optional<WorkState::Run>
    {
      if (connections_.GetDialect() == Dialect::PostgreSql)
      {
        // Two Orthancs must not both see a free place.
        session << "LOCK TABLE h3k27m_runs IN SHARE ROW EXCLUSIVE MODE";
      }

      long long running = 0;
      session << "SELECT COUNT(*) FROM h3k27m_runs WHERE state = 'running'", soci::into(running);

      if (running >= static_cast<long long>(maxRunning))
      {
        return std::nullopt;
      }

      soci::statement statement(session);
      std::vector<WorkState::Run> runs =
        SelectRuns(statement, "WHERE state = 'queued' ORDER BY created_at, id LIMIT 1");

      if (runs.empty())
      {
        return std::nullopt;
      }

      WorkState::Run run = std::move(runs.front());
      session << "UPDATE h3k27m_runs SET state = 'running', owner = :owner, attempts = attempts + 1, reason = '', "
                 "started_at = :started, lease_end = :lease WHERE id = :id",
        soci::use(owner, "owner"), soci::use(startedAt, "started"), soci::use(end, "lease"), soci::use(run.id, "id");
      run.state = RunState::Running;
      run.owner = owner;
      run.attempts++;
      run.startedAt = startedAt;
      run.leaseEnd = end;
      return run;
    });
  }

  std::optional<bool> RunQueue::Renew(const std::string& id, const std::string& owner, std::chrono::milliseconds lease)
  {
    const long long end = clock_.NowMs() + lease.count();
    return connections_.Write([&](soci::session& session) -> std::optional<bool>
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_runs SET lease_end = :lease WHERE id = :id AND owner = :owner AND "
                            "state = 'running'",
         soci::use(end, "lease"), soci::use(id, "id"), soci::use(owner, "owner"));

      if (!HasChanged(statement))
      {
        return std::nullopt;
      }

      long long cancelling = 0;
      session << "SELECT cancelling FROM h3k27m_runs WHERE id = :id", soci::into(cancelling), soci::use(id, "id");
      return cancelling != 0;
    });
  }

  std::optional<bool> RunQueue::IsCancelling(const std::string& id, const std::string& owner)
  {
    return connections_.Run([&](soci::session& session) -> std::optional<bool>
    {
      long long cancelling = 0;
      session << "SELECT cancelling FROM h3k27m_runs WHERE id = :id AND owner = :owner AND state = 'running'",
        soci::into(cancelling), soci::use(id, "id"), soci::use(owner, "owner");
      return session.got_data() ? std::optional<bool>(cancelling != 0) : std::nullopt;
    });
  }

  bool RunQueue::SetDataset(const std::string& id, const std::string& owner, const std::string& datasetId)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_runs SET dataset = :dataset WHERE id = :id AND owner = :owner AND "
                            "state = 'running'",
         soci::use(datasetId, "dataset"), soci::use(id, "id"), soci::use(owner, "owner"));
      return HasChanged(statement);
    });
  }

  bool RunQueue::Finish(const std::string& id, const std::string& owner, RunState state, const std::string& reason,
                        const std::string& resultJson)
  {
    const std::string name(ToString(state));
    const long long finishedAt = clock_.NowMs();
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_runs SET state = :state, reason = :reason, result = :result, "
                            "finished_at = :finished WHERE id = :id AND owner = :owner AND state = 'running'",
         soci::use(name, "state"), soci::use(reason, "reason"), soci::use(resultJson, "result"),
         soci::use(finishedAt, "finished"), soci::use(id, "id"), soci::use(owner, "owner"));
      return HasChanged(statement);
    });
  }

  bool RunQueue::TryAgain(const std::string& id, const std::string& owner, const std::string& reason)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_runs SET state = 'queued', owner = '', reason = :reason WHERE id = :id AND "
                            "owner = :owner AND state = 'running'",
         soci::use(reason, "reason"), soci::use(id, "id"), soci::use(owner, "owner"));
      return HasChanged(statement);
    });
  }

  bool RunQueue::Release(const std::string& id, const std::string& owner, const std::string& reason)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_runs SET state = 'queued', owner = '', reason = :reason, "
                            "attempts = attempts - 1 WHERE id = :id AND owner = :owner AND state = 'running'",
         soci::use(reason, "reason"), soci::use(id, "id"), soci::use(owner, "owner"));
      return HasChanged(statement);
    });
  }

  RunQueue::Cancellation RunQueue::Cancel(const std::string& id)
  {
    const long long finishedAt = clock_.NowMs();
    return connections_.Write([&](soci::session& session)
    {
      soci::statement queued =
        (session.prepare << "UPDATE h3k27m_runs SET state = 'cancelled', reason = 'cancelled before it began', "
                            "finished_at = :finished WHERE id = :id AND state = 'queued'",
         soci::use(finishedAt, "finished"), soci::use(id, "id"));

      soci::statement running =
        (session.prepare
           << "UPDATE h3k27m_runs SET cancelling = 1 WHERE id = :id AND state = 'running' AND cancelling = 0",
         soci::use(id, "id"));

      if (HasChanged(queued) || HasChanged(running))
      {
        return Cancellation::Asked;
      }

      long long marked = 0;
      session << "SELECT COUNT(*) FROM h3k27m_runs WHERE id = :id AND state = 'running'", soci::into(marked),
        soci::use(id, "id");
      return marked > 0 ? Cancellation::AskedBefore : Cancellation::Over;
    });
  }

  bool RunQueue::Requeue(const std::string& id)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare
           << "UPDATE h3k27m_runs SET state = 'queued', cancelling = 0, owner = '', reason = '', "
              "attempts = 0, finished_at = 0 WHERE id = :id AND (state = 'failed' OR state = 'cancelled')",
         soci::use(id, "id"));
      return HasChanged(statement);
    });
  }

  std::size_t RunQueue::Recover(const std::string& owner)
  {
    const long long at = clock_.NowMs();
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare
           << "UPDATE h3k27m_runs SET state = 'queued', owner = '', reason = 'interrupted: goes on from its "
              "last checkpoint' WHERE state = 'running' AND (owner = :owner OR lease_end < :now)",
         soci::use(owner, "owner"), soci::use(at, "now"));
      statement.execute(true);
      return static_cast<std::size_t>(statement.get_affected_rows());
    });
  }
}
