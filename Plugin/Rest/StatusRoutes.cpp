// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/EmbeddedOpenApi.h"
#include "Plugin/Rest/Routes.h"

#include <cstdint>
#include <map>

namespace H3K27M::Rest
{
  namespace
  {
    // Of tasks or deliveries.
    template <typename State>
    Json::Value DescribeCounts(const std::map<State, std::uint64_t>& byState)
    {
      Json::Value json(Json::objectValue);

      for (const auto& [state, count] : byState)
      {
        json[std::string(ToString(state))] = static_cast<Json::UInt64>(count);
      }

      return json;
    }

    Answer GetStatus(const Services& services)
    {
      Json::Value json;
      json["name"] = "Orthanc-H3K27M";
      json["version"] = services.version;
      json["research_use_only"] = true;
      json["triage"] = Settings::ToString(services.settings.triage);
      json["engine"] = Engine::ToJson(services.engine.GetStatus());
      json["queue"] = DescribeCounts(services.store.GetCounters().byState);
      json["deliveries"] = DescribeCounts(services.store.GetDeliveries().Count().byState);
      json["backfill_pending"] = static_cast<Json::UInt64>(services.intake.GetBackfillPending());
      json["work_store"] = services.store.GetDescription();
      json["viewer"] = services.settings.viewer.empty() ? Json::Value() : Json::Value(services.settings.viewer);
      return Answer::FromJson(json);
    }

    Answer RestartEngine(const Services& services)
    {
      services.restartEngine();
      return Answer::FromJson(Engine::ToJson(services.engine.GetStatus()), 202);
    }
  }

  void AddStatusRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "status",
               [&services](const Request&, const PathParameters&) { return GetStatus(services); });
    router.Add(Method::Post, "status/engine-restart",
               [&services](const Request&, const PathParameters&) { return RestartEngine(services); });
    router.Add(Method::Get, "openapi.json", [](const Request&, const PathParameters&)
    { return Answer{200, "application/json", GetEmbeddedOpenApi(), {}}; });
  }
}
