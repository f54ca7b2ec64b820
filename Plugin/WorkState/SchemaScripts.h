// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <span>

namespace H3K27M::WorkState
{
  enum class Dialect
  {
    Sqlite,
    PostgreSql
  };

  struct SchemaScript
  {
    int version;       // 1, 2, 3, ...
    const char* up;    // from version - 1
    const char* down;  // back to version - 1
  };

  // Resources/Database, embedded at build time; ascending, without holes. The last one is the version of this program.
  std::span<const SchemaScript> GetSchemaScripts(Dialect dialect) noexcept;
}
