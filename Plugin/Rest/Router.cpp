// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/Router.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/OriginGuard.h"
#include "Plugin/Rest/PathSegments.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <set>
#include <utility>

namespace H3K27M::Rest
{
  namespace
  {
    bool IsParameter(const std::string& segment)
    {
      return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    }

    // "{path*}": whatever is left, at the end of a pattern.
    bool IsRest(const std::string& segment)
    {
      return IsParameter(segment) && segment.size() > 3 && segment[segment.size() - 2] == '*';
    }

    std::optional<PathParameters> Match(const std::vector<std::string>& pattern, const std::vector<std::string>& path)
    {
      const bool takesRest = !pattern.empty() && IsRest(pattern.back());

      if (takesRest ? path.size() < pattern.size() : path.size() != pattern.size())
      {
        return std::nullopt;
      }

      PathParameters parameters;

      for (std::size_t i = 0; i < pattern.size(); i++)
      {
        if (IsRest(pattern[i]))
        {
          std::string& rest = parameters[pattern[i].substr(1, pattern[i].size() - 3)];

          for (std::size_t k = i; k < path.size(); k++)
          {
            rest.append(k == i ? "" : "/").append(path[k]);
          }
        }
        else if (IsParameter(pattern[i]))
        {
          parameters[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
        }
        else if (pattern[i] != path[i])
        {
          return std::nullopt;
        }
      }

      return parameters;
    }

    int ToStatus(ErrorCode code)
    {
      switch (code)
      {
        case ErrorCode::BadInput:
          return 400;
        case ErrorCode::NotFound:
          return 404;
        case ErrorCode::Conflict:
        case ErrorCode::Cancelled:
          return 409;
        case ErrorCode::Busy:
        case ErrorCode::Unavailable:
          return 503;
        case ErrorCode::Corrupt:
        case ErrorCode::Internal:
          return 500;
      }

      return 500;
    }

    // For the log: the pattern, not the path, which may hold anything.
    std::string DescribeRoute(const Request& request, const std::string& pattern)
    {
      return ToString(request.method) + " /h3k27m/" + pattern + ": ";
    }

    Request WithBody(Request request, std::string_view body)
    {
      request.body = body;
      return request;
    }

    // Runs a handler; what it throws becomes an answer.
    Answer Perform(const std::string& pattern, const Handler& handler, const Request& request,
                   const PathParameters& path, std::string_view body)
    {
      const std::string what = DescribeRoute(request, pattern);

      try
      {
        return body.empty() ? handler(request, path) : handler(WithBody(request, body), path);
      }
      catch (const Error& e)
      {
        const int status = ToStatus(e.GetCode());

        if (status >= 500)
        {
          Support::Log::Warning(what + e.what());
        }

        return Answer::FromError(request, status, e.what());
      }
      catch (const std::exception& e)
      {
        Support::Log::Error(what + e.what());
        return Answer::FromError(request, 500, "Internal error; Orthanc's log has more");
      }
    }

    // A path parameter goes into the audit only when it looks like an identifier: a caller may write a name there.
    bool IsIdentifier(const std::string& name, const std::string& value)
    {
      constexpr std::size_t MAX_BYTES = 128;
      constexpr std::string_view ORTHANCS = "0123456789abcdef-";
      constexpr std::string_view PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
      const bool isOrthancs = name == "study" || name == "series" || name == "id";
      return value.size() <= MAX_BYTES && value.find_first_not_of(isOrthancs ? ORTHANCS : PLAIN) == std::string::npos;
    }

    std::string GetSubject(const PathParameters& path)
    {
      for (const auto& [name, value] : path)
      {
        if (name != "path" && IsIdentifier(name, value))
        {
          return value;
        }
      }

      return {};
    }
  }

  Router::Router(const AccessPolicy& policy, Audit audit) :
    policy_(policy),
    audit_(std::move(audit))
  {
  }

  void Router::Add(Method method, const std::string& pattern, Handler handler, std::vector<std::string> contentTypes,
                   std::uint64_t maxBodyBytes)
  {
    std::string plain = pattern;
    std::erase(plain, '*');
    routes_.push_back({method, pattern, SplitPath(pattern), FindRouteAccess(method, plain), std::move(handler),
                       std::move(contentTypes), maxBodyBytes});
    // The table's own text: `plain` ends here.
    routes_.back().access.pattern = {};
  }

  Answer Router::Handle(const Request& request, std::string_view body) const noexcept
  {
    try
    {
      return Dispatch(request, body);
    }
    catch (...)
    {
      // Out of memory while an error was being told: still an answer, and nothing may cross into C.
      return Answer{500, "text/plain", {}, {}};
    }
  }

  bool Router::Permits(const Request& request) const noexcept
  {
    try
    {
      return FindPermission(request);
    }
    catch (...)
    {
      return false;  // out of memory: what cannot be looked at does not pass
    }
  }

  bool Router::AdmitsBody(const Request& request) const noexcept
  {
    try
    {
      return IsSmallBody(request) || JudgeBody(request);
    }
    catch (...)
    {
      return false;  // out of memory: no time to read more
    }
  }

  std::optional<Router::FoundRoute> Router::FindRoute(const Request& request) const
  {
    const std::vector<std::string> path = SplitPath(request.path);

    for (const Route& route : routes_)
    {
      if (route.method != request.method)
      {
        continue;
      }

      if (std::optional<PathParameters> parameters = Match(route.segments, path))
      {
        return FoundRoute{route, std::move(*parameters)};
      }
    }

    return std::nullopt;
  }

  bool Router::JudgeBody(const Request& request) const
  {
    const std::optional<FoundRoute> found = FindRoute(request);

    if (!found)
    {
      Support::Log::Warning(DescribeRoute(request, "...") + "a body for a resource that does not exist was not read");
      return false;
    }

    const Route& route = found->route;
    const Caller caller = policy_.Identify(request);
    std::optional<Answer> refusal = RefuseUnreadBody(request, std::max(route.maxBodyBytes, TOLERATED_BODY_BYTES));

    // Role and origin: that a body is of another type is told in words, by the route.
    if (!refusal)
    {
      refusal = Refuse(route, request, caller, {});
    }

    if (refusal)
    {
      Record(route, caller, found->parameters, *refusal, false);
      Support::Log::Warning(DescribeRoute(request, route.pattern) + "refused (HTTP " + std::to_string(refusal->status) +
                            ") before its body was read; the caller is " + Settings::ToString(caller.role) +
                            ", and a body may have " + std::to_string(route.maxBodyBytes) + " bytes");
    }

    return !refusal;
  }

  bool Router::FindPermission(const Request& request) const
  {
    const std::optional<FoundRoute> found = FindRoute(request);

    if (!found)
    {
      return false;
    }

    const Caller caller = policy_.Identify(request);
    const std::optional<Answer> refusal = Refuse(found->route, request, caller, {});

    if (refusal)
    {
      Record(found->route, caller, found->parameters, *refusal, false);
    }

    return !refusal;
  }

  std::optional<Answer> Router::Refuse(const Route& route, const Request& request, const Caller& caller,
                                       const std::vector<std::string>& contentTypes)
  {
    if (caller.role >= route.access.role)
    {
      return request.method == Method::Get ? std::nullopt : RefuseForeignOrigin(request, contentTypes);
    }

    Json::Value more;
    more["RequiredRole"] = Settings::ToString(route.access.role);
    more["Role"] = Settings::ToString(caller.role);
    return Answer::FromError(request, 403,
                             "This needs the role " + Settings::ToString(route.access.role) + ", yours is " +
                               Settings::ToString(caller.role) + " (H3K27M.Access in Orthanc's configuration)",
                             more);
  }

  Answer Router::Admit(const Route& route, const Request& request, const PathParameters& path,
                       std::string_view body) const
  {
    const Caller caller = policy_.Identify(request);
    std::optional<Answer> refusal = Refuse(route, request, caller, route.contentTypes);
    Answer answer = refusal ? std::move(*refusal) : Perform(route.pattern, route.handler, request, path, body);
    const bool isAudited = request.method != Method::Get || route.access.isReadAudited || answer.note.isAudited;

    // 403: by the role that the route needs, or by the one that its handler finds to be needed.
    if (isAudited || answer.status == 403)
    {
      Record(route, caller, path, answer, !refusal);
    }

    return answer;
  }

  void Router::Record(const Route& route, const Caller& caller, const PathParameters& path, const Answer& answer,
                      bool isAdmitted) const
  {
    WorkState::AuditEntry entry;
    entry.who = caller.user;
    entry.role = Settings::ToString(caller.role);
    entry.what = route.access.operation;
    entry.subject = answer.note.subject.empty() ? GetSubject(path) : answer.note.subject;
    entry.outcome = answer.status < 400 ? "done" : !isAdmitted || answer.status == 403 ? "refused" : "failed";
    entry.details = answer.status < 400 ? answer.note.details : "HTTP " + std::to_string(answer.status);

    try
    {
      audit_(entry);
    }
    catch (const std::exception& e)
    {
      // What was done is done: it is told all the same, and the log stands in for the store.
      Support::Log::Error("audit: " + entry.what + " of " + entry.subject + " by '" + entry.who + "' (" + entry.role +
                          "): " + entry.outcome + "; not in the work store: " + e.what());
    }
  }

  Answer Router::Dispatch(const Request& request, std::string_view body) const
  {
    if (const std::optional<FoundRoute> found = FindRoute(request))
    {
      return Admit(found->route, request, found->parameters, body);
    }

    const std::vector<std::string> path = SplitPath(request.path);
    std::set<std::string> allowed;  // methods of this path

    for (const Route& route : routes_)
    {
      if (Match(route.segments, path))
      {
        allowed.insert(ToString(route.method));
      }
    }

    if (allowed.empty())
    {
      return Answer::FromError(request, 404,
                               "There is no such resource below /h3k27m/; "
                               "/h3k27m/openapi.json lists all");
    }

    Answer answer =
      Answer::FromError(request, 405, "This resource does not know the method " + ToString(request.method));

    for (const std::string& method : allowed)
    {
      answer.headers["Allow"] += (answer.headers["Allow"].empty() ? "" : ",") + method;
    }

    return answer;
  }

  std::vector<std::string> Router::ListRoutes() const
  {
    std::vector<std::string> names;
    names.reserve(routes_.size());

    for (const Route& route : routes_)
    {
      std::string name = ToString(route.method) + " " + route.pattern;
      std::erase(name, '*');
      names.push_back(std::move(name));
    }

    return names;
  }
}
