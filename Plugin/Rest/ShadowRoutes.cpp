// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Shadow/ShadowFigures.h"
#include "Plugin/Support/NullableJson.h"

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t DEFAULT_LIMIT = 100;

    std::size_t ReadLimit(const Request& request)
    {
      std::size_t limit = DEFAULT_LIMIT;

      for (const auto& [name, value] : request.query)
      {
        if (name != "limit")
        {
          throw Error(ErrorCode::BadInput, "Unknown query parameter '" + name + "'");
        }

        limit = ParseQueryNumber<std::uint32_t>(name, value);
      }

      return limit;
    }

    Answer Describe(const Services& services, const std::string& name, std::size_t limit)
    {
      const Models::ModelEntry model = services.models.Get(name);
      const std::optional<Models::ShadowCandidate> candidate = services.shadowChoice.Get();
      const bool isCandidate = candidate && candidate->model.name == name;
      const WorkState::ShadowModel key{name, model.card["weights_sha256"].asString()};
      Json::Value json;
      json["model"] = name;
      json["active"] = isCandidate;
      json["since"] = Support::TimeOrNull(isCandidate ? candidate->since : 0);
      json["against"] = services.modelChoice.GetCurrent().name;
      json["figures"] = Shadow::SummariseShadow(services.store, key);
      json["comparisons"] = Shadow::ListShadow(services.store, key, limit);
      return Answer::FromJson(json);
    }
  }

  void AddShadowRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "models/{name}/shadow", [&services](const Request& request, const PathParameters& path)
    { return Describe(services, path.at("name"), ReadLimit(request)); });
    router.Add(Method::Put, "models/{name}/shadow", [&services](const Request&, const PathParameters& path)
    {
      services.shadowChoice.Set(path.at("name"));
      services.wakeShadow();
      return Describe(services, path.at("name"), 0);
    });
    router.Add(Method::Delete, "models/{name}/shadow", [&services](const Request&, const PathParameters& path)
    {
      services.shadowChoice.Clear(path.at("name"));
      services.wakeShadow();
      return Describe(services, path.at("name"), 0);
    }, {});
  }
}
