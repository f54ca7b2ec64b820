// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/WorkState/WorkStoreTestBase.h"

#include "Plugin/Support/ConnectionString.h"
#include "Plugin/WorkState/Connections.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdlib>

namespace H3K27M::Testing
{
  using namespace WorkState;

  void WorkStoreTestBase::SetUp()
  {
    if (GetParam() == Dialect::Sqlite)
    {
      // A blank in the path, as hospitals have them.
      connection_ = "sqlite://" + (folder_.GetPath() / "work store.db").string();
      return;
    }

    const char* const server = std::getenv("H3K27M_TEST_POSTGRESQL");

    if (server == nullptr || *server == '\0')
    {
      GTEST_SKIP() << "H3K27M_TEST_POSTGRESQL names no PostgreSQL server to test with";
    }

    connection_ = server;
    const auto session = ConnectDirectly();

    std::vector<std::string> tables;

    for (const soci::row& row : soci::rowset<soci::row>(
           session->prepare << "SELECT tablename FROM pg_tables WHERE tablename LIKE 'h3k27m\\_%'"))
    {
      tables.push_back(row.get<std::string>(0));
    }

    for (const std::string& table : tables)
    {
      *session << "DROP TABLE " + table + " CASCADE";
    }
  }

  StoreOptions WorkStoreTestBase::GetOptions() const
  {
    StoreOptions options;
    options.connection = connection_;
    return options;
  }

  std::unique_ptr<soci::session> WorkStoreTestBase::ConnectDirectly() const
  {
    const std::string target = Support::ConnectionString::Parse(connection_).target;
    return GetParam() == Dialect::Sqlite
             ? std::make_unique<soci::session>(soci::sqlite3, "db=\"" + target + "\" timeout=10")
             : std::make_unique<soci::session>(soci::postgresql, TranslateForSoci(target));
  }

  std::unique_ptr<WorkStore> WorkStoreTestBase::Open()
  {
    return WorkStore::Open(GetOptions(), clock_);
  }

  EnqueueRequest WorkStoreTestBase::MakeRequest(const std::string& study, const std::string& fingerprint,
                                                Priority priority)
  {
    EnqueueRequest request;
    request.studyId = study;
    request.studyInstanceUid = "1.2." + std::to_string(study.size());
    request.fingerprint = fingerprint;
    request.priority = priority;
    return request;
  }

  std::string GetDialectName(const ::testing::TestParamInfo<Dialect>& info)
  {
    return info.param == Dialect::Sqlite ? "Sqlite" : "PostgreSql";
  }
}
