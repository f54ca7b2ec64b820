// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/EmbeddedApp.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/Routes.h"

#include <array>
#include <utility>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t DEFAULT_COUNT = 32;

    std::size_t GetNumber(const Request& request, const std::string& name, std::size_t byDefault)
    {
      const auto found = request.query.find(name);
      return found == request.query.end() ? byDefault : ParseQueryNumber<std::uint32_t>(name, found->second);
    }

    std::string GetStack(const Request& request)
    {
      const auto found = request.query.find("stack");
      return found == request.query.end() ? std::string() : found->second;
    }

    Answer GetVoxels(const Services& services, const Request& request, const std::string& study)
    {
      const std::size_t first = GetNumber(request, "first", 0);
      const std::size_t count = GetNumber(request, "count", DEFAULT_COUNT);
      return {200, "application/octet-stream", services.view.ReadVoxels(study, first, count, GetStack(request)), {}};
    }

    Answer GetMaskVoxels(const Services& services, const Request& request, const std::string& study)
    {
      const auto kind = request.query.find("kind");

      if (kind == request.query.end() || (kind->second != "model" && kind->second != "human"))
      {
        throw Error(ErrorCode::BadInput, "Query parameter 'kind' must be model or human");
      }

      const auto drawer = kind->second == "model" ? Review::CaseView::Drawer::Model : Review::CaseView::Drawer::Human;
      return {200, "application/octet-stream", services.view.ReadMask(study, drawer, GetStack(request)), {}};
    }

    const char* GetAppType(const std::string& path)
    {
      constexpr std::array TYPES{
        std::pair(".html", "text/html; charset=utf-8"), std::pair(".css", "text/css; charset=utf-8"),
        std::pair(".js", "text/javascript; charset=utf-8"), std::pair(".svg", "image/svg+xml")};

      for (const auto& [ending, type] : TYPES)
      {
        if (path.ends_with(ending))
        {
          return type;
        }
      }

      return "text/plain; charset=utf-8";
    }

    // The dashboard under its address without the slash at the end: what index.html names is looked for one level too
    // high there. Orthanc hands both addresses on alike, so that the page itself has to go on to the other one.
    Answer EnterApp()
    {
      Answer answer{200, GetAppType(".js"), "location.replace('app/' + location.search + location.hash);\n", {}};
      answer.headers["X-Content-Type-Options"] = "nosniff";
      answer.headers["Cache-Control"] = "no-cache";
      return answer;
    }

    Answer GetApp(const Request& request, const std::string& path)
    {
      const auto found = GetEmbeddedApp().find(path);

      if (found == GetEmbeddedApp().end())
      {
        return Answer::FromError(request, 404, "The dashboard has no file '" + path + "'");
      }

      Answer answer{200, GetAppType(path), found->second, {}};
      answer.headers["Content-Security-Policy"] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
      answer.headers["X-Content-Type-Options"] = "nosniff";
      answer.headers["Cache-Control"] = "no-cache";
      return answer;
    }
  }

  void AddViewRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "cases/{study}/view", [&services](const Request&, const PathParameters& path)
    { return Answer::FromJson(services.view.Describe(path.at("study"))); });
    router.Add(Method::Get, "cases/{study}/voxels", [&services](const Request& request, const PathParameters& path)
    { return GetVoxels(services, request, path.at("study")); });
    router.Add(Method::Get, "cases/{study}/mask-voxels", [&services](const Request& request, const PathParameters& path)
    { return GetMaskVoxels(services, request, path.at("study")); });
    router.Add(Method::Get, "app",
               [](const Request& request, const PathParameters&) { return GetApp(request, "index.html"); });
    router.Add(Method::Get, "app.js", [](const Request&, const PathParameters&) { return EnterApp(); });
    router.Add(Method::Get, "app/{path*}",
               [](const Request& request, const PathParameters& path) { return GetApp(request, path.at("path")); });
  }
}
