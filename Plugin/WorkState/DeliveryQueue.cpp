// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/DeliveryQueue.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/Task.h"

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::size_t MAX_DELIVERIES = 1000;

    constexpr const char* DELIVERY_COLUMNS =
      "id, study_id, study_uid, rule, result_key, result, state, lease_owner, commitment, reason, pending, attempts, "
      "claim, not_before, lease_end, created_at, updated_at, delivered_at";

    // No LIKE: an owner is free text.
    constexpr const char* IS_OF_ASKER = "substr(commitment, 1, length(CAST(:asker AS TEXT))) = CAST(:asker AS TEXT)";

    // Runs a statement that returns DELIVERY_COLUMNS and whose variables are bound already.
    std::vector<Delivery> SelectDeliveries(soci::statement& statement, const std::string& sql)
    {
      Delivery row;
      std::string state;
      long long id = 0;
      long long numbers[8] = {};

      statement.exchange(soci::into(id));

      for (std::string* text : {&row.studyId, &row.studyInstanceUid, &row.rule, &row.resultKey, &row.resultJson, &state,
                                &row.leaseOwner, &row.commitment, &row.reason})
      {
        statement.exchange(soci::into(*text));
      }

      for (long long& number : numbers)
      {
        statement.exchange(soci::into(number));
      }

      statement.alloc();
      statement.prepare(sql);
      statement.define_and_bind();
      std::vector<Delivery> rows;

      // To the last row: SQLite commits an UPDATE ... RETURNING only when it has been stepped to its end.
      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        row.id = id;
        row.state = ParseDeliveryState(state);
        row.isPending = numbers[0] != 0;
        row.attempts = static_cast<unsigned>(numbers[1]);
        row.claim = numbers[2];
        row.notBefore = numbers[3];
        row.leaseEnd = numbers[4];
        row.createdAt = numbers[5];
        row.updatedAt = numbers[6];
        row.deliveredAt = numbers[7];
        rows.push_back(row);
      }

      return rows;
    }

    std::optional<Delivery> First(std::vector<Delivery> rows)
    {
      return rows.empty() ? std::nullopt : std::optional<Delivery>(std::move(rows.front()));
    }

    // Only our own constants go into the text; what a caller may choose freely is bound.
    std::string MakeCondition(const DeliveryQuery& query)
    {
      std::string condition = " WHERE 1 = 1";

      if (!query.studyId.empty())
      {
        condition += " AND study_id = :study";
      }

      if (!query.rule.empty())
      {
        condition += " AND rule = :rule";
      }

      if (!query.states.empty())
      {
        std::string states;

        for (const DeliveryState state : query.states)
        {
          states += std::string(states.empty() ? "'" : ", '") + std::string(ToString(state)) + "'";
        }

        condition += " AND state IN (" + states + ")";
      }

      return condition;
    }

    // What MakeCondition() names, and nothing else: SOCI refuses a value that no place takes.
    void BindCondition(soci::statement& statement, const DeliveryQuery& query)
    {
      if (!query.studyId.empty())
      {
        statement.exchange(soci::use(query.studyId, "study"));
      }

      if (!query.rule.empty())
      {
        statement.exchange(soci::use(query.rule, "rule"));
      }
    }

    // Writes what a sender or a person changed, where the row is still at the claim `claim`.
    bool Write(soci::session& session, const Delivery& delivery, std::int64_t claim)
    {
      const std::string state(ToString(delivery.state));
      const long long numbers[] = {delivery.isPending ? 1 : 0, delivery.attempts, delivery.claim,
                                   delivery.notBefore,         delivery.leaseEnd, delivery.updatedAt,
                                   delivery.deliveredAt,       delivery.id,       claim};
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_deliveries SET state = :state, pending = :pending, attempts = :attempts, "
                            "claim = :claim, not_before = :notBefore, lease_owner = :owner, lease_end = :leaseEnd, "
                            "commitment = :commitment, reason = :reason, updated_at = :updated, "
                            "delivered_at = :delivered WHERE id = :id AND claim = :held",
         soci::use(state, "state"), soci::use(numbers[0], "pending"), soci::use(numbers[1], "attempts"),
         soci::use(numbers[2], "claim"), soci::use(numbers[3], "notBefore"), soci::use(delivery.leaseOwner, "owner"),
         soci::use(numbers[4], "leaseEnd"), soci::use(delivery.commitment, "commitment"),
         soci::use(delivery.reason, "reason"), soci::use(numbers[5], "updated"), soci::use(numbers[6], "delivered"),
         soci::use(numbers[7], "id"), soci::use(numbers[8], "held"));
      statement.execute(true);
      return statement.get_affected_rows() == 1;
    }
  }

  DeliveryQueue::DeliveryQueue(Connections& connections, const Support::IClock& clock) :
    connections_(connections),
    clock_(clock)
  {
  }

  void DeliveryQueue::Add(soci::session& session, const Task& task, std::span<const DeliveryOrder> orders,
                          Support::UnixMs now)
  {
    const long long time = now;

    // One that was given up before it was sent, because its objects had gone, is due when the same result is made
    // again; so is whatever a later result followed, since the receiver has that one last.
    for (const DeliveryOrder& order : orders)
    {
      session << "INSERT INTO h3k27m_deliveries (study_id, study_uid, rule, result_key, result, state, pending, "
                 "not_before, created_at, updated_at) VALUES (:study, :uid, :rule, :key, :result, 'waiting', 1, :now, "
                 ":now, :now) ON CONFLICT (study_id, rule, result_key) DO UPDATE SET result = excluded.result, "
                 "state = 'waiting', pending = 1, attempts = 0, claim = h3k27m_deliveries.claim + 1, "
                 "not_before = excluded.not_before, lease_owner = '', lease_end = 0, commitment = '', reason = '', "
                 "delivered_at = 0, created_at = excluded.created_at, updated_at = excluded.updated_at "
                 "WHERE (h3k27m_deliveries.state = 'superseded' AND h3k27m_deliveries.delivered_at = 0) OR EXISTS "
                 "(SELECT 1 FROM h3k27m_deliveries AS later WHERE later.study_id = h3k27m_deliveries.study_id AND "
                 "later.rule = h3k27m_deliveries.rule AND later.created_at > h3k27m_deliveries.created_at)",
        soci::use(task.studyId, "study"), soci::use(task.studyInstanceUid, "uid"), soci::use(order.rule, "rule"),
        soci::use(order.resultKey, "key"), soci::use(order.resultJson, "result"), soci::use(time, "now");
    }
  }

  void DeliveryQueue::Remove(soci::session& session, const std::string& studyId)
  {
    session << "DELETE FROM h3k27m_deliveries WHERE study_id = :study", soci::use(studyId, "study");
  }

  std::optional<Delivery> DeliveryQueue::Claim(const std::string& rule, const std::string& owner,
                                               std::chrono::milliseconds lease,
                                               std::chrono::milliseconds commitmentLimit)
  {
    const long long now = clock_.NowMs();
    const long long end = now + lease.count();
    const long long oldest = now - commitmentLimit.count();
    const std::string asker = WorkState::Delivery::NameAsker(owner);
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(owner, "owner"));
      statement.exchange(soci::use(end, "leaseEnd"));
      statement.exchange(soci::use(now, "now"));
      statement.exchange(soci::use(rule, "rule"));
      statement.exchange(soci::use(asker, "asker"));
      statement.exchange(soci::use(oldest, "oldest"));
      return First(SelectDeliveries(
        statement,
        std::string("UPDATE h3k27m_deliveries SET "
                    "attempts = attempts + CASE WHEN state = 'delivered' THEN 0 ELSE 1 END, "
                    "state = CASE WHEN state = 'delivered' THEN 'delivered' ELSE 'sending' END, "
                    "claim = claim + 1, lease_owner = :owner, lease_end = :leaseEnd, updated_at = :now "
                    "WHERE id = (SELECT id FROM h3k27m_deliveries WHERE pending = 1 AND rule = :rule "
                    "AND not_before <= :now AND lease_end <= :now AND (commitment NOT LIKE '%|%' OR " +
                    std::string(IS_OF_ASKER) + " OR delivered_at < :oldest) ORDER BY not_before, id LIMIT 1") +
          (connections_.GetDialect() == Dialect::PostgreSql ? " FOR UPDATE SKIP LOCKED" : "") + ") RETURNING " +
          DELIVERY_COLUMNS));
    });
  }

  bool DeliveryQueue::Renew(const Delivery& delivery, std::chrono::milliseconds lease)
  {
    const long long end = clock_.NowMs() + lease.count();
    const long long id = delivery.id;
    const long long claim = delivery.claim;
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_deliveries SET lease_end = :end WHERE id = :id AND claim = :claim",
         soci::use(end, "end"), soci::use(id, "id"), soci::use(claim, "claim"));
      statement.execute(true);
      return statement.get_affected_rows() == 1;
    });
  }

  bool DeliveryQueue::Update(const Delivery& delivery)
  {
    return connections_.Run([&](soci::session& session) { return Write(session, delivery, delivery.claim); });
  }

  std::size_t DeliveryQueue::CountAwaited(const std::string& owner, std::int64_t except)
  {
    const std::string asker = WorkState::Delivery::NameAsker(owner);
    const long long id = except;
    return connections_.Run([&](soci::session& session)
    {
      long long count = 0;
      session << std::string("SELECT COUNT(*) FROM h3k27m_deliveries WHERE pending = 1 AND id <> :id AND ") +
                   IS_OF_ASKER,
        soci::into(count), soci::use(id, "id"), soci::use(asker, "asker");
      return static_cast<std::size_t>(count);
    });
  }

  Delivery DeliveryQueue::Retry(std::int64_t id)
  {
    const Support::UnixMs now = clock_.NowMs();
    const long long key = id;
    return connections_.Write([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(key, "id"));
      std::optional<WorkState::Delivery> delivery = First(SelectDeliveries(
        statement, std::string("SELECT ") + DELIVERY_COLUMNS + " FROM h3k27m_deliveries WHERE id = :id" +
                     (connections_.GetDialect() == Dialect::PostgreSql ? " FOR UPDATE" : "")));

      if (!delivery)
      {
        throw Error(ErrorCode::NotFound, "There is no delivery " + std::to_string(id));
      }

      if (!delivery->leaseOwner.empty() && delivery->leaseEnd > now)
      {
        throw Error(ErrorCode::Conflict, "Delivery " + std::to_string(id) + " is being sent at this moment");
      }

      const std::int64_t claim = delivery->claim;
      delivery->SendAgain(now);
      Write(session, *delivery, claim);
      return std::move(*delivery);
    });
  }

  std::optional<Delivery> DeliveryQueue::Find(std::int64_t id)
  {
    const long long key = id;
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(key, "id"));
      return First(SelectDeliveries(statement, std::string("SELECT ") + DELIVERY_COLUMNS +
                                                 " FROM h3k27m_deliveries WHERE id = :id"));
    });
  }

  DeliveryPage DeliveryQueue::List(const DeliveryQuery& query)
  {
    if (query.limit > MAX_DELIVERIES)
    {
      throw Error(ErrorCode::BadInput, "A page holds at most " + std::to_string(MAX_DELIVERIES) + " deliveries");
    }

    const std::string condition = MakeCondition(query);
    const auto limit = static_cast<long long>(query.limit);
    const auto offset = static_cast<long long>(query.offset);
    return connections_.Run([&](soci::session& session)
    {
      long long total = 0;
      soci::statement count(session);
      count.exchange(soci::into(total));
      BindCondition(count, query);
      count.alloc();
      count.prepare("SELECT COUNT(*) FROM h3k27m_deliveries" + condition);
      count.define_and_bind();
      count.execute(true);

      soci::statement statement(session);
      BindCondition(statement, query);
      statement.exchange(soci::use(limit, "limit"));
      statement.exchange(soci::use(offset, "offset"));

      DeliveryPage page;
      page.total = static_cast<std::uint64_t>(total);
      page.deliveries =
        SelectDeliveries(statement, std::string("SELECT ") + DELIVERY_COLUMNS + " FROM h3k27m_deliveries" + condition +
                                      " ORDER BY id DESC LIMIT :limit OFFSET :offset");
      return page;
    });
  }

  DeliveryCounters DeliveryQueue::Count()
  {
    return connections_.Run([](soci::session& session)
    {
      DeliveryCounters counters;

      for (const DeliveryState state :
           {DeliveryState::Waiting, DeliveryState::Sending, DeliveryState::Failed, DeliveryState::Delivered,
            DeliveryState::Confirmed, DeliveryState::Dead, DeliveryState::Superseded})
      {
        counters.byState[state] = 0;
      }

      std::string name;
      long long count = 0;
      long long oldest = 0;
      soci::statement statement =
        (session.prepare << "SELECT state, COUNT(*), MIN(created_at) FROM h3k27m_deliveries GROUP BY state",
         soci::into(name), soci::into(count), soci::into(oldest));

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        const DeliveryState state = ParseDeliveryState(name);
        counters.byState[state] = static_cast<std::uint64_t>(count);
        const bool isUnsent =
          state == DeliveryState::Waiting || state == DeliveryState::Sending || state == DeliveryState::Failed;

        if (isUnsent && (counters.oldestUnsent == 0 || oldest < counters.oldestUnsent))
        {
          counters.oldestUnsent = oldest;
        }
      }

      return counters;
    });
  }
}
