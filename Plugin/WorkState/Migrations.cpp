// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Migrations.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <soci/soci.h>

#include <sstream>

namespace H3K27M::WorkState
{
  namespace
  {
    // Any fixed number that nobody else on the server locks; older versions wait for the same one.
    constexpr const char* LOCK_POSTGRESQL = "SELECT pg_advisory_xact_lock(79361150824269)";
  }

  Migrations::Migrations(soci::session& session, Dialect dialect) :
    session_(session),
    dialect_(dialect)
  {
  }

  int Migrations::GetLatest() const
  {
    return GetSchemaScripts(dialect_).back().version;
  }

  std::vector<std::string> Migrations::SplitStatements(const std::string& script)
  {
    std::vector<std::string> statements;
    std::istringstream lines(script);
    std::string line;
    std::string statement;

    while (std::getline(lines, line))
    {
      line = line.substr(0, line.find("--"));
      line.erase(line.find_last_not_of(" \t\r") + 1);

      if (line.empty())
      {
        continue;
      }

      statement += line;

      if (line.back() == ';')
      {
        statement.pop_back();
        statements.push_back(std::move(statement));
        statement.clear();
      }
      else
      {
        statement += '\n';
      }
    }

    if (!statement.empty())
    {
      throw Error(ErrorCode::Internal, "A schema script ends in the middle of a statement");
    }

    return statements;
  }

  int Migrations::ReadVersion()
  {
    session_ << "CREATE TABLE IF NOT EXISTS h3k27m_schema (version INTEGER NOT NULL)";

    int version = 0;
    session_ << "SELECT version FROM h3k27m_schema", soci::into(version);

    if (!session_.got_data())
    {
      session_ << "INSERT INTO h3k27m_schema (version) VALUES (0)";
      return 0;
    }

    return version;
  }

  void Migrations::RunScript(const char* script)
  {
    for (const std::string& statement : SplitStatements(script))
    {
      session_ << statement;
    }
  }

  void Migrations::MigrateTo(int version)
  {
    const auto scripts = GetSchemaScripts(dialect_);

    // Takes the write lock before anything is read.
    session_ << (dialect_ == Dialect::Sqlite ? "BEGIN IMMEDIATE" : "BEGIN");

    try
    {
      if (dialect_ == Dialect::PostgreSql)
      {
        session_ << LOCK_POSTGRESQL;
      }

      const int present = ReadVersion();

      if (present < 0 || present > GetLatest())
      {
        throw Error(ErrorCode::Corrupt,
                    "The work store has schema version " + std::to_string(present) + ", this release knows " +
                      std::to_string(GetLatest()) +
                      ": it was made by a later release; install that one again or name another \"WorkStore\"");
      }

      for (int step = present; step < version; step++)
      {
        RunScript(scripts[static_cast<std::size_t>(step)].up);
      }

      for (int step = present; step > version; step--)
      {
        RunScript(scripts[static_cast<std::size_t>(step - 1)].down);
      }

      if (present != version)
      {
        session_ << "UPDATE h3k27m_schema SET version = :version", soci::use(version);
        Support::Log::Info("Work store: schema migrated from version " + std::to_string(present) + " to " +
                           std::to_string(version));
      }

      session_.commit();
    }
    catch (...)
    {
      try
      {
        session_.rollback();
      }
      catch (const soci::soci_error& e)
      {
        // The connection is dropped by its owner; the first error is the one that counts.
        Support::Log::Info(std::string("Work store: no rollback on a broken connection: ") + e.get_error_message());
      }

      throw;
    }
  }
}
