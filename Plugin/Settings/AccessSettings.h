// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <map>
#include <optional>
#include <string>

namespace H3K27M::Settings
{
  // Each may do what those before it may. Rest/RouteAccess.cpp says what that is.
  enum class Role
  {
    None,
    Viewer,
    Annotator,
    Trainer,
    Administrator
  };

  // Section "Access": who may do what. The defaults let everybody look, and nobody change anything.
  struct AccessSettings
  {
    std::map<std::string, Role> roles;  // by user
    Role defaultRole = Role::Viewer;    // of a user without an entry
    std::optional<Role> anonymousRole;  // of requests without a user; none: administrator on the own machine, or viewer
    std::string userHeader;             // a header that a reverse proxy sets; empty: trusted is none
    unsigned auditDays = 0;             // entries are kept for so long; 0: for ever

    bool operator==(const AccessSettings&) const = default;
  };

  std::string ToString(Role role);
}
