// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/AuditTable.h"

#include "Plugin/Support/Log.h"
#include "Plugin/WorkState/Connections.h"

#include <algorithm>
#include <string>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr UnixMs HOUR_MS = 3'600'000;
    constexpr UnixMs DAY_MS = 24 * HOUR_MS;
  }

  AuditTable::AuditTable(Connections& connections, const Support::IClock& clock, unsigned days) :
    connections_(connections),
    clock_(clock),
    days_(days)
  {
  }

  void AuditTable::Append(const AuditEntry& entry)
  {
    connections_.Run([&](soci::session& session)
    {
      Append(session, entry);
      return true;
    });
    Prune();
  }

  void AuditTable::Append(soci::session& session, const AuditEntry& entry) const
  {
    const long long at = clock_.NowMs();
    session << "INSERT INTO h3k27m_audit (at, who, what, subject, details, role, outcome) "
               "VALUES (:at, :who, :what, :subject, :details, :role, :outcome)",
      soci::use(at, "at"), soci::use(entry.who, "who"), soci::use(entry.what, "what"),
      soci::use(entry.subject, "subject"), soci::use(entry.details, "details"), soci::use(entry.role, "role"),
      soci::use(entry.outcome, "outcome");
  }

  std::vector<AuditEntry> AuditTable::List(const AuditQuery& query)
  {
    const auto limit = static_cast<long long>(query.limit);
    const long long before = query.before;
    const long long since = std::max(query.since, GetStart());

    return connections_.Run([&](soci::session& session)
    {
      AuditEntry entry;
      long long id = 0;
      long long at = 0;
      soci::statement statement =
        (session.prepare << "SELECT id, at, who, what, subject, details, role, outcome FROM h3k27m_audit "
                            "WHERE (subject = :subject OR CAST(:subject AS TEXT) = '') "
                            "AND (who = :who OR CAST(:who AS TEXT) = '') "
                            "AND (what = :what OR CAST(:what AS TEXT) = '') "
                            "AND at >= :since AND (id < :before OR CAST(:before AS BIGINT) = 0) "
                            "ORDER BY id DESC LIMIT :limit",
         soci::into(id), soci::into(at), soci::into(entry.who), soci::into(entry.what), soci::into(entry.subject),
         soci::into(entry.details), soci::into(entry.role), soci::into(entry.outcome),
         soci::use(query.subject, "subject"), soci::use(query.who, "who"), soci::use(query.what, "what"),
         soci::use(since, "since"), soci::use(before, "before"), soci::use(limit, "limit"));

      std::vector<AuditEntry> entries;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        entry.id = id;
        entry.at = at;
        entries.push_back(entry);
      }

      return entries;
    });
  }

  UnixMs AuditTable::GetStart() const
  {
    return days_ == 0 ? 0 : clock_.NowMs() - days_ * DAY_MS;
  }

  void AuditTable::Prune()
  {
    UnixMs due = nextPruning_;
    const UnixMs now = clock_.NowMs();
    const bool isDue = now >= due || now < due - HOUR_MS;  // the clock may have been set back

    if (days_ > 0 && isDue && nextPruning_.compare_exchange_strong(due, now + HOUR_MS))
    {
      connections_.Run([&](soci::session& session)
      {
        Prune(session, now);
        return true;
      });
    }
  }

  void AuditTable::Prune(soci::session& session, UnixMs now) const
  {
    // The last entry, in the order of writing, that was a day old when the clock said `now`. One that was written under
    // a clock that has been set back since is followed by others, and counts no more.
    const long long yesterday = now - DAY_MS;
    long long witness = 0;
    session << "SELECT at FROM h3k27m_audit WHERE at < :yesterday ORDER BY id DESC LIMIT 1", soci::into(witness),
      soci::use(yesterday, "yesterday");

    if (!session.got_data())
    {
      return;  // nothing is older than a day
    }

    if (witness < now - days_ * DAY_MS)
    {
      Support::Log::Warning("audit: but for the last day, its newest entry is " +
                            std::to_string((now - witness) / DAY_MS) +
                            " days old; look whether the clock is right. Older entries are removed once those of a "
                            "day stand under this time");
    }

    const long long start = witness - days_ * DAY_MS;
    session << "DELETE FROM h3k27m_audit WHERE at < :start", soci::use(start, "start");
  }
}
