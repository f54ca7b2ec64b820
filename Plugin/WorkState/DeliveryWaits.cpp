// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/DeliveryQueue.h"
#include "Plugin/WorkState/ShortenedWaits.h"

// What DeliveryQueue does to many rows at once: when clocks, owners or rules change.
namespace H3K27M::WorkState
{
  std::size_t DeliveryQueue::LimitWaits(soci::session& session, Support::UnixMs latest)
  {
    const long long limit = latest;
    soci::statement statement =
      (session.prepare
         << "UPDATE h3k27m_deliveries SET not_before = :latest WHERE pending = 1 AND not_before > :latest",
       soci::use(limit, "latest"));
    statement.execute(true);
    return static_cast<std::size_t>(statement.get_affected_rows());
  }

  std::size_t DeliveryQueue::ShortenWaits(soci::session& session, Support::UnixMs by, Support::UnixMs now)
  {
    const long long difference = by;
    const long long time = now;
    soci::statement statement = (session.prepare << GetShortenWaits("h3k27m_deliveries", "pending = 1"),
                                 soci::use(difference, "by"), soci::use(time, "now"));
    statement.execute(true);
    return static_cast<std::size_t>(statement.get_affected_rows());
  }

  std::size_t DeliveryQueue::ReleaseHeld(const std::string& owner)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "UPDATE h3k27m_deliveries SET lease_owner = '', lease_end = 0 WHERE lease_owner = :owner",
         soci::use(owner, "owner"));
      statement.execute(true);
      return static_cast<std::size_t>(statement.get_affected_rows());
    });
  }

  std::size_t DeliveryQueue::GiveUpOthers(std::span<const std::string> rules, const std::string& reason)
  {
    const long long now = clock_.NowMs();
    return connections_.Run([&](soci::session& session)
    {
      std::string names;
      soci::statement statement(session);
      statement.exchange(soci::use(reason, "reason"));
      statement.exchange(soci::use(now, "now"));

      for (std::size_t i = 0; i < rules.size(); i++)
      {
        const std::string name = "rule" + std::to_string(i);
        statement.exchange(soci::use(rules[i], name));
        names += (names.empty() ? ":" : ", :") + name;
      }

      statement.alloc();
      statement.prepare("UPDATE h3k27m_deliveries SET "
                        "state = CASE WHEN state = 'delivered' THEN 'delivered' ELSE 'superseded' END, "
                        "pending = 0, lease_owner = '', lease_end = 0, commitment = '', reason = :reason, "
                        "updated_at = :now WHERE pending = 1" +
                        (names.empty() ? "" : " AND rule NOT IN (" + names + ")"));
      statement.define_and_bind();
      statement.execute(true);
      return static_cast<std::size_t>(statement.get_affected_rows());
    });
  }
}
