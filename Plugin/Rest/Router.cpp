// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/Router.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/OriginGuard.h"
#include "Plugin/Support/Log.h"

#include <optional>

namespace H3K27M::Rest
{
  namespace
  {
    std::vector<std::string> Split(const std::string& path)
    {
      std::vector<std::string> segments;
      std::string segment;

      for (const char c : path)
      {
        if (c != '/')
        {
          segment.push_back(c);
        }
        else if (!segment.empty())
        {
          segments.push_back(std::move(segment));
          segment.clear();
        }
      }

      if (!segment.empty())
      {
        segments.push_back(std::move(segment));
      }

      return segments;
    }

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
  }

  void Router::Add(Method method, const std::string& pattern, Handler handler, std::vector<std::string> contentTypes)
  {
    routes_.push_back({method, pattern, Split(pattern), std::move(handler), std::move(contentTypes)});
  }

  Answer Router::Handle(const Request& request) const noexcept
  {
    try
    {
      try
      {
        return Dispatch(request);
      }
      catch (const Error& e)
      {
        const int status = ToStatus(e.GetCode());

        if (status >= 500)
        {
          Support::Log::Warning(ToString(request.method) + " /h3k27m/" + request.path + ": " + e.what());
        }

        return Answer::FromError(request, status, e.what());
      }
      catch (const std::exception& e)
      {
        Support::Log::Error(ToString(request.method) + " /h3k27m/" + request.path + ": " + e.what());
        return Answer::FromError(request, 500, "Internal error; Orthanc's log has more");
      }
    }
    catch (...)
    {
      // Out of memory while an error was being told: still an answer, and nothing may cross into C.
      return Answer{500, "text/plain", {}, {}};
    }
  }

  Answer Router::Dispatch(const Request& request) const
  {
    const std::vector<std::string> path = Split(request.path);
    bool pathIsKnown = false;

    for (const Route& route : routes_)
    {
      const std::optional<PathParameters> parameters = Match(route.segments, path);

      if (!parameters)
      {
        continue;
      }

      pathIsKnown = true;

      if (route.method != request.method)
      {
        continue;
      }

      if (request.method != Method::Get)
      {
        if (const std::optional<Answer> refusal = RefuseForeignOrigin(request, route.contentTypes))
        {
          return *refusal;
        }
      }

      return route.handler(request, *parameters);
    }

    return pathIsKnown
             ? Answer::FromError(request, 405, "This resource does not know the method " + ToString(request.method))
             : Answer::FromError(request, 404,
                                 "There is no such resource below /h3k27m/; "
                                 "/h3k27m/openapi.json lists all");
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
