// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/ConnectionString.h"

#include "Inference/Protocol/Error.h"

#include <regex>
#include <string_view>

namespace H3K27M::Support
{
  namespace
  {
    constexpr std::string_view SQLITE = "sqlite://";
    constexpr std::string_view POSTGRESQL = "postgresql://";
  }

  ConnectionString ConnectionString::Parse(const std::string& text)
  {
    if (text.starts_with(SQLITE) && text.size() > SQLITE.size())
    {
      return ConnectionString{Kind::Sqlite, text.substr(SQLITE.size())};
    }

    if (text.starts_with(POSTGRESQL) && text.size() > POSTGRESQL.size())
    {
      const std::string rest = text.substr(POSTGRESQL.size());
      static const std::regex keyword("^\\s*[a-z_]+\\s*=");
      return ConnectionString{Kind::PostgreSql, std::regex_search(rest, keyword) ? rest : text};
    }

    throw Error(ErrorCode::BadInput, "A connection string must begin with \"sqlite://\" or \"postgresql://\" "
                                     "and name a file or a database");
  }

  std::string HidePassword(const std::string& connection)
  {
    // user:PASSWORD@ of a URI; the password may hold '@' and '/', so up to the last '@'.
    static const std::regex inUri("(://[^:/?@]*):.*@");
    // password=..., 'quoted' or not, as a word of libpq or a query parameter.
    static const std::regex asWord("(password\\s*=\\s*)('(?:[^'\\\\]|\\\\.)*'|[^\\s&]+)", std::regex::icase);

    return std::regex_replace(std::regex_replace(connection, inUri, "$1:***@"), asWord, "$1***");
  }
}
