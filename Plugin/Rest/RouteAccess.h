// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/Settings/AccessSettings.h"

#include <span>
#include <string_view>

namespace H3K27M::Rest
{
  // What a caller must be to use a route, and what the audit and openapi.json (operationId) call it. What changes
  // something is always written down, and what is refused; of reading, only what is marked: what leaves the house, or
  // concerns who may do what.
  struct RouteAccess
  {
    Method method;
    std::string_view pattern;  // as in Router::Add, without the "*" of a rest
    std::string_view operation;
    Settings::Role role;
    bool isReadAudited = false;
  };

  // The whole policy, on one page. openapi.json states the same (x-role), and a test compares them.
  std::span<const RouteAccess> ListRouteAccess() noexcept;

  // Default deny: what the table does not name is for administrators.
  RouteAccess FindRouteAccess(Method method, std::string_view pattern) noexcept;
}
