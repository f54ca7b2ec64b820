// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/AttemptTable.h"

#include "Plugin/WorkState/Connections.h"

namespace H3K27M::WorkState
{
  AttemptTable::AttemptTable(Connections& connections) :
    connections_(connections)
  {
  }

  std::vector<Attempt> AttemptTable::List(const std::string& studyId, std::size_t limit)
  {
    const auto most = static_cast<long long>(limit);

    return connections_.Run([&](soci::session& session)
    {
      Attempt attempt;
      std::string state;
      long long endedAt = 0;
      long long number = 0;
      soci::statement statement =
        (session.prepare << "SELECT ended_at, number, state, details FROM h3k27m_attempts WHERE study_id = :study "
                            "ORDER BY id DESC LIMIT :limit",
         soci::into(endedAt), soci::into(number), soci::into(state), soci::into(attempt.details),
         soci::use(studyId, "study"), soci::use(most, "limit"));
      std::vector<Attempt> attempts;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        attempt.endedAt = endedAt;
        attempt.number = static_cast<unsigned>(number);
        attempt.state = ParseTaskState(state);
        attempts.push_back(attempt);
      }

      return attempts;
    });
  }

  void AttemptTable::Add(soci::session& session, const std::string& studyId, const Attempt& attempt)
  {
    const long long endedAt = attempt.endedAt;
    const long long number = attempt.number;
    const std::string state(ToString(attempt.state));
    session << "INSERT INTO h3k27m_attempts (study_id, ended_at, number, state, details) "
               "VALUES (:study, :ended, :number, :state, :details)",
      soci::use(studyId, "study"), soci::use(endedAt, "ended"), soci::use(number, "number"), soci::use(state, "state"),
      soci::use(attempt.details, "details");
  }

  void AttemptTable::Remove(soci::session& session, const std::string& studyId)
  {
    session << "DELETE FROM h3k27m_attempts WHERE study_id = :study", soci::use(studyId, "study");
  }
}
