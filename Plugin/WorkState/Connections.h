// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Mutex.h"
#include "Plugin/WorkState/SchemaScripts.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <soci/soci.h>

#include <memory>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  // libpq's URI ("postgresql://user@host/database") as the words that SOCI 4.0.3 takes: it cuts the text at blanks and
  // breaks a URI. Throws Error(BadInput) without repeating the text.
  std::string TranslateForSoci(const std::string& connection);

  // Pool of database connections: one per call, given back when the call went well, dropped when the database reported
  // an error. Grows to the number of threads that call at once. Translates soci_error into Error here and nowhere else.
  // Included by .cpp files only. Thread-safe; no lock is held while SQL runs.
  class Connections
  {
  public:
    explicit Connections(const StoreOptions& options);

    Dialect GetDialect() const noexcept
    {
      return dialect_;
    }

    // "sqlite /folder/file.db", "postgresql ..." without secrets.
    const std::string& GetDescription() const noexcept
    {
      return description_;
    }

    // Runs `work(soci::session&)` outside of a transaction: single statements.
    template <typename Work>
    auto Run(Work&& work)
    {
      Lease lease(*this);

      try
      {
        auto result = work(lease.Get());
        lease.GiveBack();
        return result;
      }
      catch (const soci::soci_error& e)
      {
        DropIdle();
        Rethrow(e);
      }
    }

    // Runs `work` in a transaction that holds the right to write from its first statement on: SQLite would otherwise
    // refuse to turn a reader into a writer ("database is locked", at once, whatever the time limit).
    template <typename Work>
    auto Write(Work&& work)
    {
      return Run([&](soci::session& session)
      {
        Transaction transaction(session, dialect_);
        auto result = work(session);
        transaction.Commit();
        return result;
      });
    }

  private:
    class Lease
    {
    public:
      explicit Lease(Connections& pool);

      soci::session& Get()
      {
        return *session_;
      }

      void GiveBack();

    private:
      Connections& pool_;
      std::unique_ptr<soci::session> session_;
    };

    class Transaction
    {
    public:
      Transaction(soci::session& session, Dialect dialect);
      Transaction(const Transaction&) = delete;
      Transaction& operator=(const Transaction&) = delete;
      ~Transaction();

      void Commit();

    private:
      soci::session& session_;
      bool open_ = true;
    };

    std::unique_ptr<soci::session> Connect();
    void DropIdle();
    [[noreturn]] void Rethrow(const soci::soci_error& error) const;

    Dialect dialect_;
    std::string target_;
    std::string description_;
    std::chrono::milliseconds lockTimeout_;
    Support::Mutex mutex_;
    std::vector<std::unique_ptr<soci::session>> idle_ GUARDED_BY(mutex_);
  };
}
