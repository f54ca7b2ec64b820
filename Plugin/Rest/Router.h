// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Rest
{
  using PathParameters = std::map<std::string, std::string>;
  using Handler = std::function<Answer(const Request&, const PathParameters&)>;

  // Maps method and path to a handler, and what a handler throws to a status. Routes are added before the first
  // Handle(); from then on it is immutable and any number of threads may call Handle(), which never throws.
  class Router
  {
  public:
    // `pattern` is "cases/{study}/triage": a name in braces takes one path segment, and
    // "{name*}" at the end all that is left. `contentTypes`: what a body that
    // changes something may come as (OriginGuard.h).
    void Add(Method method, const std::string& pattern, Handler handler,
             std::vector<std::string> contentTypes = {"application/json"});

    Answer Handle(const Request& request) const noexcept;

    // "GET cases/{study}", ...: what openapi.json is checked against.
    std::vector<std::string> ListRoutes() const;

  private:
    struct Route
    {
      Method method;
      std::string pattern;
      std::vector<std::string> segments;
      Handler handler;
      std::vector<std::string> contentTypes;
    };

    Answer Dispatch(const Request& request) const;

    std::vector<Route> routes_;
  };
}
