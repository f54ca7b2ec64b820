// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/Routes.h"

namespace H3K27M::Rest
{
  namespace
  {
    Json::Value Summarise(const Models::ModelEntry& entry)
    {
      Json::Value json;
      json["name"] = entry.folder;
      json["version"] = entry.card["version"];
      json["variant"] = entry.card["variant"];
      json["active"] = entry.isActive;
      json["bytes"] = static_cast<Json::UInt64>(entry.bytes);
      json["fault"] = entry.fault.empty() ? Json::Value() : Json::Value(entry.fault);
      return json;
    }

    Answer ListModels(const Services& services)
    {
      Json::Value json;
      json["models"] = Json::arrayValue;

      for (const Models::ModelEntry& entry : services.models.List())
      {
        json["models"].append(Summarise(entry));
      }

      return Answer::FromJson(json);
    }

    Answer GetModel(const Services& services, const std::string& name)
    {
      const Models::ModelEntry entry = services.models.Get(name);
      Json::Value json = Summarise(entry);
      json["card"] = entry.card;
      return Answer::FromJson(json);
    }
  }

  void AddModelRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "models",
               [&services](const Request&, const PathParameters&) { return ListModels(services); });
    router.Add(Method::Get, "models/{name}",
               [&services](const Request&, const PathParameters& path) { return GetModel(services, path.at("name")); });
  }
}
