// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/SchemaScripts.h"
#include "Plugin/WorkState/SociSession.h"

#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  // Brings the schema of a connected database to a version, in one transaction and under a lock, so that several
  // Orthancs may start at once. The version stands in the table h3k27m_schema.
  class Migrations
  {
  public:
    // `session` must outlive this object.
    Migrations(soci::session& session, Dialect dialect);

    // The newest version that this program knows.
    int GetLatest() const;

    // Up or down to `version`. Throws Error(Corrupt) when the database is newer than GetLatest(): it was made by a
    // later release, and this one must not touch it.
    void MigrateTo(int version);

    // The statements of a script: each ends with a semicolon at the end of a line; comments are left out.
    static std::vector<std::string> SplitStatements(const std::string& script);

  private:
    int ReadVersion();
    void RunScript(const char* script);

    soci::session& session_;
    Dialect dialect_;
  };
}
