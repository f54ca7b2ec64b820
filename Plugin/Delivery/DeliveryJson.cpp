// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliveryJson.h"

#include "Plugin/Support/TimeText.h"

#include <algorithm>

namespace H3K27M::Delivery
{
  namespace
  {
    // Null for "never".
    Json::Value ToTime(Support::UnixMs ms)
    {
      return ms == 0 ? Json::Value() : Json::Value(Support::ToRfc3339(ms));
    }

    Json::Value OrNull(const std::string& text)
    {
      return text.empty() ? Json::Value() : Json::Value(text);
    }

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
    json["result"] = delivery.resultKey;
    json["state"] = std::string(ToString(delivery.state));
    json["attempts"] = delivery.attempts;
    json["reason"] = OrNull(delivery.reason);
    json["next_attempt"] = delivery.isPending ? ToTime(delivery.notBefore) : Json::Value();
    json["awaits_confirmation"] = delivery.isPending && delivery.state == WorkState::DeliveryState::Delivered;
    json["created"] = ToTime(delivery.createdAt);
    json["updated"] = ToTime(delivery.updatedAt);
    json["delivered"] = ToTime(delivery.deliveredAt);
    return json;
  }
}
