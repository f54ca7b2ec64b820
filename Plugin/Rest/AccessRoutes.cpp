// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/CsvWriter.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <limits>
#include <sstream>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t MAX_ENTRIES = 10'000;

    // Who the caller is, and what is denied to the caller, with the role that each operation needs.
    Answer GetAccess(const Services& services, const Request& request)
    {
      const Caller caller = services.access.Identify(request);
      Json::Value json;
      json["user"] = Support::OrNull(caller.user);
      json["role"] = Settings::ToString(caller.role);
      json["denied"] = Json::objectValue;

      for (const RouteAccess& route : ListRouteAccess())
      {
        if (caller.role < route.role)
        {
          json["denied"][std::string(route.operation)] = Settings::ToString(route.role);
        }
      }

      return Answer::FromJson(json);
    }

    // "2026-01-31", midnight of UTC.
    Support::UnixMs ParseDay(const std::string& text)
    {
      std::tm read{};
      std::istringstream stream(text);
      stream >> std::get_time(&read, "%Y-%m-%d");
      const std::chrono::year_month_day date{std::chrono::year(read.tm_year + 1900),
                                             std::chrono::month(static_cast<unsigned>(read.tm_mon + 1)),
                                             std::chrono::day(static_cast<unsigned>(read.tm_mday))};

      if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof() || text.size() != 10 ||
          date.year() < std::chrono::year(1970) || !date.ok())
      {
        throw Error(ErrorCode::BadInput, "Query parameter 'since' must be a day: YYYY-MM-DD, in UTC");
      }

      return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::sys_days(date).time_since_epoch())
        .count();
    }

    struct AuditRequest
    {
      WorkState::AuditQuery query;
      bool asCsv = false;
    };

    void ReadParameter(AuditRequest& target, const std::string& name, const std::string& value)
    {
      if (name == "user")
      {
        target.query.who = value;
      }
      else if (name == "action")
      {
        target.query.what = value;
      }
      else if (name == "subject")
      {
        target.query.subject = value;
      }
      else if (name == "since")
      {
        target.query.since = ParseDay(value);
      }
      else if (name == "before")
      {
        constexpr std::uint64_t MOST = std::numeric_limits<std::int64_t>::max();
        target.query.before = static_cast<std::int64_t>(std::min(ParseQueryNumber<std::uint64_t>(name, value), MOST));
      }
      else if (name == "limit")
      {
        target.query.limit = ParseQueryNumber<std::uint32_t>(name, value);
      }
      else if (name == "format" && (value == "json" || value == "csv"))
      {
        target.asCsv = value == "csv";
      }
      else
      {
        throw Error(ErrorCode::BadInput, name == "format" ? "Query parameter 'format' must be json or csv"
                                                          : "Unknown query parameter '" + name + "'");
      }
    }

    AuditRequest ParseAuditRequest(const Request& request)
    {
      AuditRequest target;

      for (const auto& [name, value] : request.query)
      {
        ReadParameter(target, name, value);
      }

      RequireLimit(target.query.limit, MAX_ENTRIES);

      return target;
    }

    // An entry without an outcome was made by the plugin: no user stands there.
    std::string GetUser(const WorkState::AuditEntry& entry)
    {
      return entry.outcome.empty() ? std::string() : entry.who;
    }

    Json::Value DescribeEntry(const WorkState::AuditEntry& entry)
    {
      Json::Value json;
      json["id"] = static_cast<Json::Int64>(entry.id);
      json["at"] = Support::ToRfc3339(entry.at);
      json["user"] = Support::OrNull(GetUser(entry));
      json["role"] = Support::OrNull(entry.role);
      json["action"] = entry.what;
      json["subject"] = Support::OrNull(entry.subject);
      json["outcome"] = Support::OrNull(entry.outcome);
      json["details"] = Support::OrNull(entry.details);
      return json;
    }

    std::string ToCsv(const std::vector<WorkState::AuditEntry>& entries)
    {
      std::string csv;
      Labels::AppendCsvRecord(csv, {"id", "at", "user", "role", "action", "subject", "outcome", "details"});

      for (const WorkState::AuditEntry& entry : entries)
      {
        Labels::AppendCsvRecord(csv, {std::to_string(entry.id), Support::ToRfc3339(entry.at), GetUser(entry),
                                      entry.role, entry.what, entry.subject, entry.outcome, entry.details});
      }

      return csv;
    }

    Answer ListAudit(const Services& services, const Request& request)
    {
      const auto [query, asCsv] = ParseAuditRequest(request);
      const std::vector<WorkState::AuditEntry> entries = services.store.ListAudit(query);
      const bool mayGoOn = entries.size() == query.limit;

      if (asCsv)
      {
        Answer answer{200, "text/csv; charset=utf-8", ToCsv(entries), {}};
        answer.headers["Content-Disposition"] = "attachment; filename=\"audit.csv\"";
        answer.headers["X-Next-Before"] = mayGoOn ? std::to_string(entries.back().id) : "";
        return answer;
      }

      Json::Value json;
      json["entries"] = Json::arrayValue;
      json["next_before"] = mayGoOn ? Json::Value(static_cast<Json::Int64>(entries.back().id)) : Json::Value();

      for (const WorkState::AuditEntry& entry : entries)
      {
        json["entries"].append(DescribeEntry(entry));
      }

      return Answer::FromJson(json);
    }
  }

  void AddAccessRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "access",
               [&services](const Request& request, const PathParameters&) { return GetAccess(services, request); });
    router.Add(Method::Get, "audit",
               [&services](const Request& request, const PathParameters&) { return ListAudit(services, request); });
  }
}
