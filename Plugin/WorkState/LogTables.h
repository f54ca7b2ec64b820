// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/SchemaScripts.h"
#include "Plugin/WorkState/SociSession.h"

#include <cstdint>
#include <optional>
#include <string>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of h3k27m_values, cursors among them. Stateless; each call is one statement.
  class LogTables
  {
  public:
    // `connections` must outlive this object.
    explicit LogTables(Connections& connections);

    std::optional<std::string> GetValue(const std::string& key);
    void SetValue(const std::string& key, const std::string& value);
    std::string SetValueOnce(const std::string& key, const std::string& value);

    // Inside a transaction; until its end nobody else comes past Get.
    static std::optional<std::string> GetValue(soci::session& session, Dialect dialect, const std::string& key);
    static void SetValue(soci::session& session, const std::string& key, const std::string& value);
    static void RemoveValue(soci::session& session, const std::string& key);

    // Kept as values under "cursor/NAME".
    std::optional<std::int64_t> GetCursor(const std::string& name);
    void AdvanceCursor(const std::string& name, std::int64_t sequence);

  private:
    Connections& connections_;
  };
}
