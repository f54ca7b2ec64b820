// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Support
{
  // "sqlite:///folder/file.db", "postgresql://user@host/database?...", or libpq's words behind the scheme
  // ("postgresql://host=... dbname=...").
  struct ConnectionString
  {
    enum class Kind
    {
      Sqlite,
      PostgreSql
    };

    Kind kind = Kind::Sqlite;
    std::string target;  // SQLite: path of the file; PostgreSQL: what libpq parses. May hold a password.

    // Throws Error(BadInput) without repeating the text.
    static ConnectionString Parse(const std::string& text);
  };

  // The text with every password in it replaced by "***": fit for logs and REST.
  std::string HidePassword(const std::string& connection);
}
