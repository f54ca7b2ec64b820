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

  std::optional<std::string> LogTables::GetValue(soci::session& session, Dialect dialect, const std::string& key)
  {
    // A row that is not there yet cannot be locked: of two who write the first value both would find none.
    if (dialect == Dialect::PostgreSql)
    {
      session << "SELECT pg_advisory_xact_lock(79361150824270)";
    }

    std::string value;
    session << "SELECT value FROM h3k27m_values WHERE name = :name", soci::into(value), soci::use(key, "name");
    return session.got_data() ? std::optional<std::string>(value) : std::nullopt;
  }

  void LogTables::SetValue(const std::string& key, const std::string& value)
  {
    connections_.Run([&](soci::session& session)
    {
      SetValue(session, key, value);
      return true;
    });
  }

  std::string LogTables::SetValueOnce(const std::string& key, const std::string& value)
  {
    connections_.Run([&](soci::session& session)
    {
      // One statement decides: whoever comes later writes nothing, and reads what is committed by then.
      session << "INSERT INTO h3k27m_values (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
        soci::use(key, "name"), soci::use(value, "value");
      return true;
    });
    return GetValue(key).value_or(value);
  }

  void LogTables::SetValue(soci::session& session, const std::string& key, const std::string& value)
  {
    session << "INSERT INTO h3k27m_values (name, value) VALUES (:name, :value) "
               "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      soci::use(key, "name"), soci::use(value, "value");
  }

  void LogTables::RemoveValue(soci::session& session, const std::string& key)
  {
    session << "DELETE FROM h3k27m_values WHERE name = :name", soci::use(key, "name");
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
}
