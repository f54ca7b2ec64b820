// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/HistoryJson.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Delivery/DeliveryJson.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace H3K27M::Rest
{
  namespace
  {
    using Entry = std::pair<Support::UnixMs, Json::Value>;

    // Requests of which nothing else is recorded.
    constexpr std::array<std::string_view, 7> OPERATIONS = {"triageCase", "chooseSeries", "withdrawSeries", "putMask",
                                                            "postMask",   "withdrawMask", "retryDelivery"};

    // What the plugin records of a label, review or mask together with its content; a report that was superseded is
    // followed by the one that took its place.
    constexpr std::array<std::string_view, 9> CONTENTS = {"label",           "label-received", "label-removed",
                                                          "label-withdrawn", "review",         "review-received",
                                                          "review-removed",  "mask-received",  "mask-removed"};

    // JSON where it is some, else the text.
    Json::Value ReadDetails(const std::string& details)
    {
      try
      {
        return details.starts_with('{') ? Protocol::ParseJson(details) : Support::OrNull(details);
      }
      catch (const Error&)
      {
        return details;
      }
    }

    // Who says what a report holds, or drew the mask; else the user.
    Json::Value GetPerson(const Json::Value& details, const std::string& user)
    {
      for (const char* const name : {"reviewer", "annotator", "creator"})
      {
        if (details.isObject() && details[name].isString() && !details[name].asString().empty())
        {
          return details[name];
        }
      }

      return Support::OrNull(user);
    }

    Entry Describe(const WorkState::Attempt& attempt)
    {
      Json::Value json;
      json["at"] = Support::ToRfc3339(attempt.endedAt);
      json["action"] = "computed";
      json["state"] = std::string(ToString(attempt.state));
      json["attempt"] = attempt.number;
      json["by"] = Json::nullValue;
      json["details"] = ReadDetails(attempt.details);
      return {attempt.endedAt, json};
    }

    Entry Describe(const WorkState::AuditEntry& entry)
    {
      const bool isRequest = !entry.outcome.empty();
      Json::Value json;
      json["at"] = Support::ToRfc3339(entry.at);
      json["action"] = entry.what;
      json["state"] = Json::nullValue;
      json["attempt"] = Json::nullValue;
      json["details"] = ReadDetails(entry.details);
      json["by"] = GetPerson(json["details"], isRequest ? entry.who : "");
      return {entry.at, json};
    }

    Entry Describe(const Json::Value& delivery, WorkState::DeliveryState state, Support::UnixMs at)
    {
      Json::Value json;
      json["at"] = Support::ToRfc3339(at);
      json["action"] = "delivery";
      json["state"] = std::string(ToString(state));
      json["attempt"] = Json::nullValue;
      json["by"] = Json::nullValue;
      json["details"]["rule"] = delivery["rule"];
      json["details"]["target"] = delivery["target"];
      json["details"]["reason"] = state == WorkState::DeliveryState::Dead ? delivery["reason"] : Json::Value();
      return {at, json};
    }

    void AddDelivery(const WorkState::Delivery& delivery, std::span<const Settings::DeliveryRuleSettings> rules,
                     std::vector<Entry>& entries)
    {
      const Json::Value json = Delivery::ToJson(delivery, rules);

      if (delivery.deliveredAt != 0)
      {
        entries.push_back(Describe(json, WorkState::DeliveryState::Delivered, delivery.deliveredAt));
      }

      if (delivery.state == WorkState::DeliveryState::Confirmed || delivery.state == WorkState::DeliveryState::Dead)
      {
        entries.push_back(Describe(json, delivery.state, delivery.updatedAt));
      }
    }

    // Whether the request, whose details end with the mask's UID, may be what the event tells of.
    bool IsRequestOf(const WorkState::AuditEntry& request, const WorkState::AuditEntry& event)
    {
      const bool isPut = request.what == "putMask" || request.what == "postMask";
      const bool isFitting =
        (isPut && event.what == "mask-received") || (request.what == "withdrawMask" && event.what == "mask-removed");

      if (!isFitting || request.outcome != "done")
      {
        return false;
      }

      const Json::Value details = ReadDetails(event.details);
      const std::string uid = details.isObject() ? details["sop_instance_uid"].asString() : std::string();
      return !uid.empty() && request.details.ends_with(" " + uid);
    }

    Support::UnixMs GetTimeBetween(const WorkState::AuditEntry& a, const WorkState::AuditEntry& b)
    {
      return std::max(a.at, b.at) - std::min(a.at, b.at);
    }

    // A mask that came or went over REST stands there by its request. Of several events of one mask a request tells the
    // nearest, which is recorded before it or after it: the others came by DICOM, under the same UID.
    std::set<const WorkState::AuditEntry*> FindToldByRequests(std::span<const WorkState::AuditEntry> audit)
    {
      std::set<const WorkState::AuditEntry*> told;

      for (const WorkState::AuditEntry& request : audit)
      {
        const WorkState::AuditEntry* nearest = nullptr;

        for (const WorkState::AuditEntry& event : audit)
        {
          if (IsRequestOf(request, event) &&
              (nearest == nullptr || GetTimeBetween(request, event) < GetTimeBetween(request, *nearest)))
          {
            nearest = &event;
          }
        }

        told.insert(nearest);
      }

      return told;
    }

    bool IsOfHistory(const WorkState::AuditEntry& entry)
    {
      const bool isOperation = std::find(OPERATIONS.begin(), OPERATIONS.end(), entry.what) != OPERATIONS.end();
      const bool isContent = std::find(CONTENTS.begin(), CONTENTS.end(), entry.what) != CONTENTS.end();
      return isContent || (isOperation && entry.outcome == "done");
    }
  }

  Json::Value ToHistoryJson(const HistorySources& sources, std::size_t limit)
  {
    std::vector<Entry> entries;

    for (const WorkState::Attempt& attempt : sources.attempts)
    {
      entries.push_back(Describe(attempt));
    }

    const std::set<const WorkState::AuditEntry*> told = FindToldByRequests(sources.audit);

    for (const WorkState::AuditEntry& entry : sources.audit)
    {
      if (IsOfHistory(entry) && !told.contains(&entry))
      {
        entries.push_back(Describe(entry));
      }
    }

    for (const WorkState::Delivery& delivery : sources.deliveries)
    {
      AddDelivery(delivery, sources.rules, entries);
    }

    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.first > b.first; });
    Json::Value json;
    json["entries"] = Json::arrayValue;

    for (std::size_t i = 0; i < std::min(limit, entries.size()); i++)
    {
      json["entries"].append(std::move(entries[i].second));
    }

    return json;
  }
}
