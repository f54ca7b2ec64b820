// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/CardFaults.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Support/JsonObjectReader.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>

namespace H3K27M::Rest
{
  namespace
  {
    Json::Value Summarise(const Models::ModelEntry& entry, const std::string& current)
    {
      Json::Value json;
      json["name"] = entry.name;
      json["version"] = entry.card["version"];
      json["variant"] = entry.card["variant"];
      json["active"] = entry.name == current;
      json["bytes"] = static_cast<Json::UInt64>(entry.bytes);
      json["origin"] = !entry.run.empty() ? "run" : entry.isUploaded ? "uploaded" : "installed";
      json["run"] = entry.run.empty() ? Json::Value() : Json::Value(entry.run);
      json["members"] = entry.card["members"].isArray() ? entry.card["members"].size() : 1;
      json["fault"] = entry.fault.empty() ? Json::Value() : Json::Value(entry.fault);
      return json;
    }

    Answer ListModels(const Services& services)
    {
      const std::string current = services.modelChoice.GetCurrent().name;
      Json::Value json;
      json["models"] = Json::arrayValue;

      for (const Models::ModelEntry& entry : services.models.List())
      {
        json["models"].append(Summarise(entry, current));
      }

      json["previous"] = Support::OrNull(services.modelChoice.FindPrevious());

      return Answer::FromJson(json);
    }

    Answer GetModel(const Services& services, const std::string& name, int status = 200)
    {
      const Models::ModelEntry entry = services.models.Get(name);
      const Models::ModelEntry current = services.modelChoice.GetCurrent();
      Json::Value json = Summarise(entry, current.name);
      json["card"] = entry.card;
      json["gate"] = services.modelChoice.FindGate(entry, current);
      return Answer::FromJson(json, status);
    }

    // An installed model may have any name that a folder can have; a header must not.
    std::string MakeFileName(std::string name)
    {
      std::replace_if(name.begin(), name.end(), [](char c) { return !Protocol::IsModelName("x" + std::string(1, c)); },
                      '_');
      return name + ".zip";
    }

    Answer Upload(const Services& services, const Request& request)
    {
      const std::string name = services.exchange.Take(request.body);
      Answer answer = GetModel(services, name, 201);
      answer.note.subject = name;
      return answer;
    }

    Answer GetArchive(const Services& services, const std::string& name)
    {
      Answer answer{200, "application/zip", services.exchange.Pack(name), {}};
      answer.headers["Content-Disposition"] = "attachment; filename=\"" + MakeFileName(name) + "\"";
      answer.headers["X-Content-Type-Options"] = "nosniff";
      return answer;
    }

    Json::Value DescribeChange(const std::string& current, const std::string& previous)
    {
      Json::Value json;
      json["current"] = current;
      json["previous"] = previous;
      return json;
    }

    Answer Promote(const Services& services, const Request& request, const std::string& name)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      Models::ModelChoice::Promotion promotion;
      promotion.name = name;
      promotion.overridesGate = reader.ReadBoolean("override", false);
      promotion.reason = reader.ReadString("reason", "");
      reader.RefuseUnknownKeys();
      const std::string previous = services.modelChoice.Promote(promotion);
      Answer answer = Answer::FromJson(DescribeChange(name, previous));
      answer.note.details = (promotion.overridesGate ? "over its gate, instead of " : "instead of ") + previous;
      return answer;
    }

    Answer JudgeGate(const Services& services, const Request& request, const std::string& name)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader(body, "body").RefuseUnknownKeys();
      const Json::Value verdict = services.gates.Judge(name);
      Answer answer = Answer::FromJson(verdict);
      answer.note.details = std::string(verdict["passed"].asBool() ? "passed" : "not passed") + " against " +
                            verdict["baseline"]["name"].asString();
      return answer;
    }

    Answer Rollback(const Services& services, const Request& request, const std::string& name)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      const std::string reason = reader.ReadString("reason", "");
      reader.RefuseUnknownKeys();
      const std::string current = services.modelChoice.Rollback(name, reason);
      Answer answer = Answer::FromJson(DescribeChange(current, name));
      answer.note.details = "back to " + current;
      return answer;
    }
  }

  void AddModelRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "models",
               [&services](const Request&, const PathParameters&) { return ListModels(services); });
    router.Add(Method::Get, "models/{name}",
               [&services](const Request&, const PathParameters& path) { return GetModel(services, path.at("name")); });
    router.Add(Method::Post, "models", [&services](const Request& request, const PathParameters&)
    { return Upload(services, request); }, {"application/zip"}, services.settings.maxModelBytes);
    router.Add(Method::Get, "models/{name}/archive", [&services](const Request&, const PathParameters& path)
    { return GetArchive(services, path.at("name")); });
    router.Add(Method::Post, "models/{name}/promote", [&services](const Request& request, const PathParameters& path)
    { return Promote(services, request, path.at("name")); });
    router.Add(Method::Post, "models/{name}/gate", [&services](const Request& request, const PathParameters& path)
    { return JudgeGate(services, request, path.at("name")); });
    router.Add(Method::Post, "models/{name}/rollback", [&services](const Request& request, const PathParameters& path)
    { return Rollback(services, request, path.at("name")); });
  }
}
