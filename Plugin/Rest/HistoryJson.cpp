// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/HistoryJson.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

#include <algorithm>
#include <array>
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
    constexpr std::array<std::string_view, 6> OPERATIONS = {"triageCase", "chooseSeries", "withdrawSeries",
                                                            "putMask",    "postMask",     "withdrawMask"};

    // What the plugin records of a label or review together with its content; a report that was superseded is followed
    // by the one that took its place.
    constexpr std::array<std::string_view, 7> CONTENTS = {
      "label", "label-received", "label-removed", "label-withdrawn", "review", "review-received", "review-removed"};

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

    // Who says what a report holds; else the user.
    Json::Value GetPerson(const Json::Value& details, const std::string& user)
    {
      for (const char* const name : {"reviewer", "annotator"})
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

    bool IsOfHistory(const WorkState::AuditEntry& entry)
    {
      const bool isOperation = std::find(OPERATIONS.begin(), OPERATIONS.end(), entry.what) != OPERATIONS.end();
      const bool isContent = std::find(CONTENTS.begin(), CONTENTS.end(), entry.what) != CONTENTS.end();
      return isContent || (isOperation && entry.outcome == "done");
    }
  }

  Json::Value ToHistoryJson(std::span<const WorkState::Attempt> attempts, std::span<const WorkState::AuditEntry> audit,
                            std::size_t limit)
  {
    std::vector<Entry> entries;

    for (const WorkState::Attempt& attempt : attempts)
    {
      entries.push_back(Describe(attempt));
    }

    for (const WorkState::AuditEntry& entry : audit)
    {
      if (IsOfHistory(entry))
      {
        entries.push_back(Describe(entry));
      }
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
