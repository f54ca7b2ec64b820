// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"
#include "Plugin/WorkState/SociSession.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <atomic>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of h3k27m_audit. Each call is one statement; thread-safe.
  class AuditTable
  {
  public:
    // `connections` and `clock` must outlive this object. `days`: StoreOptions::auditDays.
    AuditTable(Connections& connections, const Support::IClock& clock, unsigned days);

    void Append(const AuditEntry& entry);

    // The same inside a transaction; removes nothing.
    void Append(soci::session& session, const AuditEntry& entry) const;

    std::vector<AuditEntry> List(const AuditQuery& query);

    // Removes what is too old; at most once an hour, since it may look at much of the table. Append() calls it. Too old
    // is what was recorded `days` before another entry that is itself a day old by now: a clock that is set forward
    // removes nothing, unless entries are still made under it a day later.
    void Prune();

  private:
    void Prune(soci::session& session, UnixMs now) const;
    UnixMs GetStart() const;

    Connections& connections_;
    const Support::IClock& clock_;
    const UnixMs days_;
    std::atomic<UnixMs> nextPruning_ = 0;
  };
}
