// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Attempt.h"
#include "Plugin/WorkState/SociSession.h"

#include <cstddef>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of h3k27m_attempts. Each call is one statement; thread-safe.
  class AttemptTable
  {
  public:
    // `connections` must outlive this object.
    explicit AttemptTable(Connections& connections);

    // Of a study, the newest first.
    std::vector<Attempt> List(const std::string& studyId, std::size_t limit);

    // Inside a transaction.
    static void Add(soci::session& session, const std::string& studyId, const Attempt& attempt);
    static void Remove(soci::session& session, const std::string& studyId);

  private:
    Connections& connections_;
  };
}
