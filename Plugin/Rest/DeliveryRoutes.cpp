// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Delivery/DeliveryJson.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/Routes.h"

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t MAX_PAGE = 1000;

    WorkState::DeliveryQuery ParseQuery(const Request& request)
    {
      WorkState::DeliveryQuery query;

      for (const auto& [name, value] : request.query)
      {
        if (name == "state")
        {
          query.states = ParseQueryList(value, WorkState::ParseDeliveryState);
        }
        else if (name == "study")
        {
          query.studyId = value;
        }
        else if (name == "rule")
        {
          query.rule = value;
        }
        else if (name == "offset")
        {
          query.offset = ParseQueryNumber<std::uint32_t>(name, value);
        }
        else if (name == "limit")
        {
          query.limit = ParseQueryNumber<std::uint32_t>(name, value);
        }
        else
        {
          throw Error(ErrorCode::BadInput, "Unknown query parameter '" + name + "'");
        }
      }

      RequireLimit(query.limit, MAX_PAGE);

      return query;
    }

    Json::Value Describe(const Services& services, const WorkState::Delivery& delivery)
    {
      return Delivery::ToJson(delivery, services.settings.delivery.rules);
    }

    Answer ListDeliveries(const Services& services, const Request& request)
    {
      const WorkState::DeliveryQuery query = ParseQuery(request);
      const WorkState::DeliveryPage page = services.store.GetDeliveries().List(query);
      Json::Value json;
      json["total"] = static_cast<Json::UInt64>(page.total);
      json["offset"] = static_cast<Json::UInt64>(query.offset);
      json["limit"] = static_cast<Json::UInt64>(query.limit);
      json["deliveries"] = Json::arrayValue;

      for (const WorkState::Delivery& delivery : page.deliveries)
      {
        json["deliveries"].append(Describe(services, delivery));
      }

      return Answer::FromJson(json);
    }

    Answer GetDelivery(const Services& services, std::int64_t id)
    {
      const std::optional<WorkState::Delivery> delivery = services.store.GetDeliveries().Find(id);

      if (!delivery)
      {
        throw Error(ErrorCode::NotFound, "There is no delivery " + std::to_string(id));
      }

      return Answer::FromJson(Describe(services, *delivery));
    }

    Answer Retry(const Services& services, std::int64_t id)
    {
      const WorkState::Delivery delivery = services.store.GetDeliveries().Retry(id);
      services.wakeDeliveries();
      Answer answer = Answer::FromJson(Describe(services, delivery), 202);
      answer.note = {delivery.studyId, "delivery " + std::to_string(id)};
      return answer;
    }
  }

  void AddDeliveryRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "deliveries", [&services](const Request& request, const PathParameters&)
    { return ListDeliveries(services, request); });
    router.Add(Method::Get, "deliveries/{id}", [&services](const Request&, const PathParameters& path)
    { return GetDelivery(services, ParseId("delivery", path.at("id"))); });
    router.Add(Method::Post, "deliveries/{id}/retry", [&services](const Request&, const PathParameters& path)
    { return Retry(services, ParseId("delivery", path.at("id"))); });
  }
}
