// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/DeliveryTargets.h"

#include "Inference/Protocol/Error.h"

#include <string>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    [[noreturn]] void Refuse(std::size_t rule, const char* key, const std::string& why)
    {
      throw Error(ErrorCode::BadInput, "'H3K27M.Delivery.Rules[" + std::to_string(rule) + "]." + key + "': " + why);
    }

    bool Names(const Json::Value& section, const std::string& name)
    {
      return section.isObject() && section.isMember(name);
    }

    void RequireTarget(const Json::Value& core, std::size_t index, const Settings::DeliveryRuleSettings& rule)
    {
      const std::string quoted = "\"" + rule.address + "\"";

      switch (rule.target)
      {
        case Settings::DeliveryTarget::Modality:
          if (!core.get("DicomModalitiesInDatabase", false).asBool() && !Names(core["DicomModalities"], rule.address))
          {
            Refuse(index, "Modality", quoted + " is not in Orthanc's \"DicomModalities\"");
          }
          break;

        case Settings::DeliveryTarget::Peer:
          if (!core.get("OrthancPeersInDatabase", false).asBool() && !Names(core["OrthancPeers"], rule.address))
          {
            Refuse(index, "Peer", quoted + " is not in Orthanc's \"OrthancPeers\"");
          }
          break;

        case Settings::DeliveryTarget::DicomWeb:
          if (!core["DicomWeb"].isObject() || !Names(core["DicomWeb"]["Servers"], rule.address))
          {
            Refuse(index, "DicomWebServer", quoted + " is not in \"DicomWeb.Servers\" of Orthanc's configuration");
          }
          break;

        case Settings::DeliveryTarget::Webhook:
          if (rule.address.starts_with("https://") && !core.get("HttpsVerifyPeers", true).asBool())
          {
            Refuse(index, "Webhook", "Orthanc's \"HttpsVerifyPeers\" is false: nobody would know who gets the results");
          }
          return;
      }

      if (core.get("JobsHistorySize", 10).asInt() == 0)
      {
        Refuse(index, "Name", "Orthanc's \"JobsHistorySize\" is 0, so that nobody could tell how a delivery ended");
      }
    }
  }

  void RequireDeliveryTargets(const Json::Value& core, const Settings::DeliverySettings& delivery)
  {
    for (std::size_t i = 0; i < delivery.rules.size(); i++)
    {
      RequireTarget(core, i, delivery.rules[i]);
    }
  }
}
