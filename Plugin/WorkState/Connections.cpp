// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Connections.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/ConnectionString.h"
#include "Plugin/Support/Log.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <thread>
#include <utility>

namespace H3K27M::WorkState
{
  namespace
  {
    // What a later try may cure; the primary result code is the low byte of an extended one.
    ErrorCode ClassifySqlite(int result)
    {
      switch (result & 0xff)
      {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
          return ErrorCode::Corrupt;

        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_NOMEM:
          return ErrorCode::Unavailable;

        default:
          return ErrorCode::Internal;
      }
    }

    ErrorCode Classify(const soci::soci_error& error)
    {
      if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
      {
        return ClassifySqlite(sqlite->result());
      }

      switch (error.get_error_category())
      {
        case soci::soci_error::invalid_statement:
        case soci::soci_error::constraint_violation:
        case soci::soci_error::no_data:
          return ErrorCode::Internal;

        default:
          // A PostgreSQL server that goes away shows itself with and without an SQLSTATE.
          return ErrorCode::Unavailable;
      }
    }

    // A new file becomes a write-ahead one under an exclusive lock, and SQLite does not call the busy handler for it
    // (it could wait for itself): where several servers start together, "database is locked" comes without delay,
    // whatever busy_timeout says. So this waits by itself; nothing was changed by a try that failed.
    void EnterWriteAheadLog(soci::session& session, std::chrono::milliseconds patience)
    {
      constexpr std::chrono::milliseconds PAUSE(5);
      const auto deadline = std::chrono::steady_clock::now() + patience;

      for (;;)
      {
        try
        {
          std::string mode;
          session << "PRAGMA journal_mode = WAL", soci::into(mode);
          return;
        }
        catch (const soci::sqlite3_soci_error& e)
        {
          if ((e.result() & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= deadline)
          {
            throw;
          }
        }

        std::this_thread::sleep_for(PAUSE);
      }
    }
  }

  std::string TranslateForSoci(const std::string& connection)
  {
    char* fault = nullptr;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(
      PQconninfoParse(connection.c_str(), &fault), PQconninfoFree);

    if (!parsed)
    {
      // libpq's message repeats the text, and with it the password.
      PQfreemem(fault);
      throw Error(ErrorCode::BadInput, "The connection string of the work store is not one that libpq understands");
    }

    // A server that is cut off says nothing: without these the kernel waits for a quarter of an hour, longer than any
    // lease lasts.
    const std::map<std::string, std::string> patience{{"connect_timeout", "10"},
                                                      {"tcp_user_timeout", "30000"},
                                                      {"keepalives_idle", "10"},
                                                      {"keepalives_interval", "5"},
                                                      {"keepalives_count", "3"}};
    std::string words;

    for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; option++)
    {
      const auto byDefault = patience.find(option->keyword);
      const std::string given = option->val == nullptr ? "" : option->val;
      const std::string value = given.empty() && byDefault != patience.end() ? byDefault->second : given;

      if (value.find_first_of(" \t\n'\\") != std::string::npos)
      {
        throw Error(
          ErrorCode::BadInput,
          std::string("The work store's '") + option->keyword +
            "' holds a blank, a quote "
            "or a backslash, which SOCI cannot pass on; a password may stand in libpq's password file instead");
      }

      if (!value.empty())
      {
        words += std::string(words.empty() ? "" : " ") + option->keyword + "=" + value;
      }
    }

    return words;
  }

  Connections::Connections(const StoreOptions& options) :
    lockTimeout_(options.lockTimeout)
  {
    const auto parsed = Support::ConnectionString::Parse(options.connection);
    const bool isSqlite = parsed.kind == Support::ConnectionString::Kind::Sqlite;

    dialect_ = isSqlite ? Dialect::Sqlite : Dialect::PostgreSql;
    target_ = isSqlite ? parsed.target : TranslateForSoci(parsed.target);
    description_ = (isSqlite ? "sqlite " : "postgresql ") + Support::HidePassword(parsed.target);

    if (isSqlite && target_.find('"') != std::string::npos)
    {
      throw Error(ErrorCode::BadInput, "The path of the work store must not hold a quotation mark");
    }
  }

  std::unique_ptr<soci::session> Connections::Connect()
  {
    auto session = std::make_unique<soci::session>();

    if (dialect_ == Dialect::PostgreSql)
    {
      session->open(soci::postgresql, target_);
      return session;
    }

    session->open(soci::sqlite3, "db=\"" + target_ + "\"");
    *session << "PRAGMA busy_timeout = " + std::to_string(lockTimeout_.count());

    EnterWriteAheadLog(*session, lockTimeout_);

    // FULL, not NORMAL: in WAL mode NORMAL may lose the last transactions in a power cut, and an audit entry that was
    // acknowledged must not vanish. A study costs a handful of commits and one a second for its lease, so the fsyncs do
    // not show.
    *session << "PRAGMA synchronous = FULL";
    return session;
  }

  void Connections::DropIdle()
  {
    std::vector<std::unique_ptr<soci::session>> dropped;
    const Support::MutexLock lock(mutex_);
    dropped.swap(idle_);
  }

  void Connections::Rethrow(const soci::soci_error& error) const
  {
    throw Error(Classify(error), "Work store: " + Support::HidePassword(error.get_error_message()));
  }

  Connections::Lease::Lease(Connections& pool) :
    pool_(pool)
  {
    {
      const Support::MutexLock lock(pool.mutex_);

      if (!pool.idle_.empty())
      {
        session_ = std::move(pool.idle_.back());
        pool.idle_.pop_back();
      }
    }

    if (!session_)
    {
      try
      {
        session_ = pool.Connect();
      }
      catch (const soci::soci_error& e)
      {
        pool.Rethrow(e);
      }
    }
  }

  void Connections::Lease::GiveBack()
  {
    const Support::MutexLock lock(pool_.mutex_);
    pool_.idle_.push_back(std::move(session_));
  }

  Connections::Transaction::Transaction(soci::session& session, Dialect dialect) :
    session_(session)
  {
    session_ << (dialect == Dialect::Sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  }

  Connections::Transaction::~Transaction()
  {
    if (open_)
    {
      try
      {
        session_.rollback();
      }
      catch (const soci::soci_error& e)
      {
        // The connection is dropped with the error that is under way, which undoes the transaction as well.
        Support::Log::Info(std::string("Work store: no rollback on a broken connection: ") + e.get_error_message());
      }
    }
  }

  void Connections::Transaction::Commit()
  {
    session_.commit();
    open_ = false;
  }
}
