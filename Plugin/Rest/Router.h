// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/AccessPolicy.h"
#include "Plugin/Rest/BodyGuard.h"
#include "Plugin/Rest/Http.h"
#include "Plugin/Rest/RouteAccess.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Rest
{
  using PathParameters = std::map<std::string, std::string>;
  using Handler = std::function<Answer(const Request&, const PathParameters&)>;

  // Maps method and path to a handler, and what a handler throws to a status. No handler is called for whom
  // RouteAccess.h does not let; written down is each request that wants to change something, what is refused, and what
  // RouteAccess.h marks of reading. Routes are added before the first Handle(); from then on it is immutable, and any
  // number of threads may call Handle().
  class Router
  {
  public:
    using Audit = std::function<void(const WorkState::AuditEntry&)>;

    // `policy` must outlive the router. `audit` may throw: the entry then goes to the log.
    Router(const AccessPolicy& policy, Audit audit);

    // `pattern` is "cases/{study}/triage": a name in braces takes one path segment, and
    // "{name*}" at the end all that is left. `contentTypes`: what a body that
    // changes something may come as (OriginGuard.h). `maxBodyBytes`: what is far longer is not even read (BodyGuard.h).
    void Add(Method method, const std::string& pattern, Handler handler,
             std::vector<std::string> contentTypes = {"application/json"},
             std::uint64_t maxBodyBytes = SMALL_BODY_BYTES);

    // `body` is what the archive has read, where `request` comes without: it is copied for the handler alone, once the
    // caller was found to be one whom the route takes it from. Never throws.
    Answer Handle(const Request& request, std::string_view body = {}) const noexcept;

    // Whether the archive should read the body of `request`, which is to come: for its filter. Who may not use the
    // route, or not so, learns it from Handle() in words, unless the body is large; that refusal is written down here,
    // and the log says how it came about. Never throws.
    bool AdmitsBody(const Request& request) const noexcept;

    // Whether the caller may use the route that `request` is for, which is not used: for what the archive itself offers
    // of ours. A refusal is written down as one of the route's. False where there is no such route. Never throws.
    bool Permits(const Request& request) const noexcept;

    // "GET cases/{study}", ...: what openapi.json is checked against.
    std::vector<std::string> ListRoutes() const;

  private:
    struct Route
    {
      Method method;
      std::string pattern;
      std::vector<std::string> segments;
      RouteAccess access;
      Handler handler;
      std::vector<std::string> contentTypes;
      std::uint64_t maxBodyBytes;
    };

    // The route of a request, and what its path says.
    struct FoundRoute
    {
      const Route& route;
      PathParameters parameters;
    };

    Answer Dispatch(const Request& request, std::string_view body) const;
    std::optional<FoundRoute> FindRoute(const Request& request) const;
    bool FindPermission(const Request& request) const;
    bool JudgeBody(const Request& request) const;

    // For want of a role, or where it changes something and comes from a foreign page; empty: it may pass.
    static std::optional<Answer> Refuse(const Route& route, const Request& request, const Caller& caller,
                                        const std::vector<std::string>& contentTypes);

    Answer Admit(const Route& route, const Request& request, const PathParameters& path, std::string_view body) const;
    void Record(const Route& route, const Caller& caller, const PathParameters& path, const Answer& answer,
                bool isAdmitted) const;

    const AccessPolicy& policy_;
    Audit audit_;
    std::vector<Route> routes_;
  };
}
