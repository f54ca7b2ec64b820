// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/LogTables.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"

#include <charconv>

namespace H3K27M::WorkState
{
  namespace
  {
    std::string MakeCursorKey(const std::string& name)
    {
      return "cursor/" + name;
    }
  }

  LogTables::LogTables(Connections& connections) :
    connections_(connections)
  {
  }

  std::optional<std::string> LogTables::GetValue(const std::string& key)
  {
    return connections_.Run([&](soci::session& session)
    {
      std::string value;
      session << "SELECT value FROM h3k27m_values WHERE name = :name", soci::into(value), soci::use(key, "name");
      return session.got_data() ? std::optional<std::string>(value) : std::nullopt;
    });
  }

  void LogTables::SetValue(const std::string& key, const std::string& value)
  {
    connections_.Run([&](soci::session& session)
    {
      session << "INSERT INTO h3k27m_values (name, value) VALUES (:name, :value) "
                 "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        soci::use(key, "name"), soci::use(value, "value");
      return true;
    });
  }

  std::optional<std::int64_t> LogTables::GetCursor(const std::string& name)
  {
    const std::optional<std::string> text = GetValue(MakeCursorKey(name));

    if (!text)
    {
      return std::nullopt;
    }

    std::int64_t sequence = 0;
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), sequence);

    if (fault != std::errc() || end != text->data() + text->size())
    {
      throw Error(ErrorCode::Corrupt, "Work store: the cursor '" + name + "' is no number");
    }

    return sequence;
  }

  void LogTables::AdvanceCursor(const std::string& name, std::int64_t sequence)
  {
    const std::string key = MakeCursorKey(name);
    const std::string value = std::to_string(sequence);

    connections_.Run([&](soci::session& session)
    {
      session << "INSERT INTO h3k27m_values (name, value) VALUES (:name, :value) "
                 "ON CONFLICT (name) DO UPDATE SET value = excluded.value "
                 "WHERE CAST(h3k27m_values.value AS BIGINT) < CAST(excluded.value AS BIGINT)",
        soci::use(key, "name"), soci::use(value, "value");
      return true;
    });
  }

  void LogTables::AppendAudit(const AuditEntry& entry, UnixMs now)
  {
    const long long at = now;
    connections_.Run([&](soci::session& session)
    {
      session << "INSERT INTO h3k27m_audit (at, who, what, subject, details) "
                 "VALUES (:at, :who, :what, :subject, :details)",
        soci::use(at, "at"), soci::use(entry.who, "who"), soci::use(entry.what, "what"),
        soci::use(entry.subject, "subject"), soci::use(entry.details, "details");
      return true;
    });
  }

  std::vector<AuditEntry> LogTables::ListAudit(const AuditQuery& query)
  {
    const auto limit = static_cast<long long>(query.limit);
    const auto offset = static_cast<long long>(query.offset);

    return connections_.Run([&](soci::session& session)
    {
      AuditEntry entry;
      long long id = 0;
      long long at = 0;
      soci::statement statement =
        (session.prepare
           << "SELECT id, at, who, what, subject, details FROM h3k27m_audit "
              "WHERE subject = :subject OR CAST(:subject AS TEXT) = '' ORDER BY id DESC LIMIT :limit OFFSET :offset",
         soci::into(id), soci::into(at), soci::into(entry.who), soci::into(entry.what), soci::into(entry.subject),
         soci::into(entry.details), soci::use(query.subject, "subject"), soci::use(limit, "limit"),
         soci::use(offset, "offset"));

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
}
