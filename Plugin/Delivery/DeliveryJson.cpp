// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliveryJson.h"

#include "Plugin/Delivery/DeliveryPlan.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>

namespace H3K27M::Delivery
{
  namespace
  {
    Json::Value FindTarget(const std::string& name, std::span<const Settings::DeliveryRuleSettings> rules)
    {
      const auto rule = std::find_if(rules.begin(), rules.end(),
                                     [&name](const Settings::DeliveryRuleSettings& one) { return one.name == name; });
      return rule == rules.end() ? Json::Value() : Json::Value(DescribeTarget(*rule));
    }
  }

  std::string DescribeTarget(const Settings::DeliveryRuleSettings& rule)
  {
    switch (rule.target)
    {
      case Settings::DeliveryTarget::Modality:
        return "modality " + rule.address;
      case Settings::DeliveryTarget::Peer:
        return "peer " + rule.address;
      case Settings::DeliveryTarget::DicomWeb:
        return "DICOMweb server " + rule.address;
      case Settings::DeliveryTarget::Webhook:
        break;
    }

    const std::size_t authority = rule.address.find("://") + 3;
    return "webhook " + rule.address.substr(0, rule.address.find_first_of("/?#", authority));
  }

  Json::Value ToJson(const WorkState::Delivery& delivery, std::span<const Settings::DeliveryRuleSettings> rules)
  {
    Json::Value json;
    json["id"] = static_cast<Json::Int64>(delivery.id);
    json["study"] = delivery.studyId;
    json["study_instance_uid"] = delivery.studyInstanceUid;
    json["rule"] = delivery.rule;
    json["target"] = FindTarget(delivery.rule, rules);
    json["result"] = ListReports(delivery.resultKey);
    json["state"] = std::string(ToString(delivery.state));
    json["attempts"] = delivery.attempts;
    json["reason"] = Support::OrNull(delivery.reason);
    json["next_attempt"] = delivery.isPending ? Support::TimeOrNull(delivery.notBefore) : Json::Value();
    json["awaits_confirmation"] = delivery.isPending && delivery.state == WorkState::DeliveryState::Delivered;
    json["created"] = Support::TimeOrNull(delivery.createdAt);
    json["updated"] = Support::TimeOrNull(delivery.updatedAt);
    json["delivered"] = Support::TimeOrNull(delivery.deliveredAt);
    return json;
  }
}
