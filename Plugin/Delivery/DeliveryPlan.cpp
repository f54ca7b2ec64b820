// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliveryPlan.h"

#include "Inference/Protocol/JsonText.h"

#include <algorithm>

namespace H3K27M::Delivery
{
  namespace
  {
    // The result and its further ones; none where it is not in the PACS.
    std::vector<Json::Value> ListResults(const std::string& resultJson)
    {
      const Json::Value json = resultJson.empty() ? Json::Value() : Protocol::ParseJson(resultJson);
      std::vector<Json::Value> results;

      if (json["report_instance_uid"].isString() && !json["shadow"].asBool())
      {
        results.push_back(json);

        for (const Json::Value& further : json["further_results"])
        {
          results.push_back(further);
        }
      }

      return results;
    }

    constexpr char BEFORE_HEADER = '+';  // no UID holds it

    // The report's UID follows from series, model and configuration: the same result has the same key. Its objects are
    // made again under the same UIDs when patient or study are corrected, and then they are others all the same.
    std::string MakeKey(const std::vector<Json::Value>& results)
    {
      std::string key;
      std::string headers;

      for (const Json::Value& one : results)
      {
        key += (key.empty() ? "" : " ") + one["report_instance_uid"].asString();

        // Results of before it was noted have none, and keep their keys.
        if (one["header"].isString())
        {
          headers += BEFORE_HEADER + one["header"].asString();
        }
      }

      return key + headers;
    }

    // The few fields that senders need, as they were when the result was made.
    Json::Value Summarise(const Json::Value& result)
    {
      Json::Value summary(Json::objectValue);

      for (const char* field : {"series", "series_instance_uid", "report", "report_instance_uid", "segmentation",
                                "segmentation_instance_uid", "saliency", "saliency_instance_uid", "volume_mm3"})
      {
        summary[field] = result[field];
      }

      summary["status"] = result["prediction"]["status"];
      summary["probability_altered"] = result["prediction"]["probability_altered"];
      summary["model"]["name"] = result["model"]["name"];
      summary["model"]["version"] = result["model"]["version"];
      return summary;
    }

    bool Meets(const Settings::DeliveryRuleSettings& rule, const Json::Value& result)
    {
      const bool hasTumour = !result["segmentation_instance_uid"].isNull();
      const double volumeMm3 = result["volume_mm3"].isNumeric() ? result["volume_mm3"].asDouble() : 0;

      if (volumeMm3 < rule.minimumVolumeMm3)
      {
        return false;
      }

      if (rule.target != Settings::DeliveryTarget::Webhook && rule.send == Settings::DeliveryContent::Segmentation &&
          !hasTumour)
      {
        return false;
      }

      switch (rule.when)
      {
        case Settings::DeliveryCondition::Any:
          return true;
        case Settings::DeliveryCondition::Altered:
          return result["status"] == "altered";
        case Settings::DeliveryCondition::Tumour:
          return hasTumour;
      }

      return false;
    }
  }

  std::string MakeResultKey(const std::string& resultJson)
  {
    return MakeKey(ListResults(resultJson));
  }

  std::string ListReports(const std::string& resultKey)
  {
    return resultKey.substr(0, resultKey.find(BEFORE_HEADER));
  }

  std::vector<WorkState::DeliveryOrder> PlanDeliveries(std::span<const Settings::DeliveryRuleSettings> rules,
                                                       const WorkState::TaskResult& result)
  {
    std::vector<WorkState::DeliveryOrder> orders;

    if (rules.empty())
    {
      return orders;
    }

    const std::vector<Json::Value> results = ListResults(result.json);
    Json::Value all(Json::arrayValue);

    for (const Json::Value& one : results)
    {
      all.append(Summarise(one));
    }

    const std::string key = MakeKey(results);
    const std::string text = Protocol::WriteCompactJson(all);

    for (const Settings::DeliveryRuleSettings& rule : rules)
    {
      if (std::any_of(all.begin(), all.end(), [&rule](const Json::Value& one) { return Meets(rule, one); }))
      {
        orders.push_back({rule.name, key, text});
      }
    }

    return orders;
  }
}
