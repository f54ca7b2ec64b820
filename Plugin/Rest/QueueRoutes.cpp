// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Rest/TaskJson.h"
#include "Plugin/Support/JsonObjectReader.h"

#include <algorithm>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t LISTED_BY_DRY_RUN = 100;

    Answer ListQueue(const Services& services, const Request& request)
    {
      WorkState::TaskQuery query = ParseTaskQuery(request);

      if (query.states.empty())
      {
        using enum WorkState::TaskState;
        query.states = {Queued, Running, Failed, Dead};
      }

      if (!request.query.contains("order"))
      {
        query.order = WorkState::TaskOrder::Priority;
      }

      return Answer::FromJson(ToQueueJson(services.store.List(query), query));
    }

    Answer GetTask(const Services& services, std::int64_t id)
    {
      const std::optional<WorkState::Task> task = services.store.Find(id);

      if (!task)
      {
        throw Error(ErrorCode::NotFound, "There is no task " + std::to_string(id));
      }

      return Answer::FromJson(ToJson(*task));
    }

    Answer Accept(const WorkState::Task& task)
    {
      Answer answer = Answer::FromJson(ToJson(task), 202);
      answer.note = {task.studyId, "task " + std::to_string(task.id)};
      return answer;
    }

    Answer Retry(const Services& services, std::int64_t id)
    {
      const WorkState::Task task = services.store.Retry(id);
      services.workers.Wake();
      return Accept(task);
    }

    Answer Cancel(const Services& services, std::int64_t id)
    {
      return Accept(services.store.Cancel(id, "cancelled over REST"));
    }

    void CheckDate(const std::string& key, const std::string& date)
    {
      const bool isDate =
        date.size() == 8 && std::all_of(date.begin(), date.end(), [](char c) { return c >= '0' && c <= '9'; });

      if (!date.empty() && !isDate)
      {
        throw Error(ErrorCode::BadInput, "'" + key + "' must be a date as in DICOM: YYYYMMDD");
      }
    }

    // A national archive is not queued by a slip: dates, a limit, or all of it in so many words.
    void CheckExtent(const Archive::StudyFilter& filter, bool all)
    {
      const bool isNarrowed = !filter.studyDateFrom.empty() || !filter.studyDateTo.empty() || filter.limit > 0;

      if (all && isNarrowed)
      {
        throw Error(ErrorCode::BadInput, "'all' goes with neither dates nor a limit");
      }

      if (!all && !isNarrowed)
      {
        throw Error(ErrorCode::BadInput, "Give 'date_from', 'date_to' or 'limit'; for the whole archive \"all\": true. "
                                         "\"dry_run\": true counts the studies first");
      }
    }

    Answer StartBackfill(const Services& services, const Request& request)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      Archive::StudyFilter filter;
      filter.studyDateFrom = reader.ReadString("date_from", "");
      filter.studyDateTo = reader.ReadString("date_to", "");
      filter.limit = static_cast<std::size_t>(reader.ReadInteger("limit", 0, 0, 10'000'000));
      const bool dryRun = reader.ReadBoolean("dry_run", false);
      const bool all = reader.ReadBoolean("all", false);
      reader.RefuseUnknownKeys();
      CheckDate("date_from", filter.studyDateFrom);
      CheckDate("date_to", filter.studyDateTo);

      if (!dryRun || all)
      {
        CheckExtent(filter, all);
      }

      std::vector<std::string> studies = services.archive.ListStudies(filter);
      Json::Value json;
      json["dry_run"] = dryRun;
      json["studies"] = static_cast<Json::UInt64>(studies.size());
      json["first"] = Json::arrayValue;

      for (std::size_t i = 0; i < std::min(studies.size(), LISTED_BY_DRY_RUN); i++)
      {
        json["first"].append(studies[i]);
      }

      if (!dryRun && !studies.empty())
      {
        services.intake.Backfill(std::move(studies));
      }

      Answer answer = Answer::FromJson(json, dryRun ? 200 : 202);
      answer.note.details = json["studies"].asString() + (dryRun ? " studies, a dry run" : " studies");
      return answer;
    }

    Answer GetBackfill(const Services& services)
    {
      Json::Value json;
      json["pending"] = static_cast<Json::UInt64>(services.intake.GetBackfillPending());
      return Answer::FromJson(json);
    }

    // What is at work is finished. First what is not queued yet, which would be queued behind the second step.
    Answer StopBackfill(const Services& services)
    {
      const std::size_t dropped = services.intake.StopBackfill();
      const std::size_t cancelled =
        services.store.CancelWaiting(WorkState::Priority::Backfill, "its backfill was stopped");

      Json::Value json;
      json["dropped"] = static_cast<Json::UInt64>(dropped);
      json["cancelled"] = static_cast<Json::UInt64>(cancelled);
      Answer answer = Answer::FromJson(json);
      answer.note.details = std::to_string(dropped) + " dropped, " + std::to_string(cancelled) + " cancelled";
      return answer;
    }
  }

  void AddQueueRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "queue",
               [&services](const Request& request, const PathParameters&) { return ListQueue(services, request); });
    router.Add(Method::Get, "queue/{id}", [&services](const Request&, const PathParameters& path)
    { return GetTask(services, ParseId("task", path.at("id"))); });
    router.Add(Method::Post, "queue/{id}/retry", [&services](const Request&, const PathParameters& path)
    { return Retry(services, ParseId("task", path.at("id"))); });
    router.Add(Method::Post, "queue/{id}/cancel", [&services](const Request&, const PathParameters& path)
    { return Cancel(services, ParseId("task", path.at("id"))); });
    router.Add(Method::Post, "backfill",
               [&services](const Request& request, const PathParameters&) { return StartBackfill(services, request); });
    router.Add(Method::Get, "backfill",
               [&services](const Request&, const PathParameters&) { return GetBackfill(services); });
    router.Add(Method::Delete, "backfill",
               [&services](const Request&, const PathParameters&) { return StopBackfill(services); }, {});
  }
}
