// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Delivery/DeliveryJson.h"
#include "Plugin/Pipeline/HandChoice.h"
#include "Plugin/Pipeline/ResultJson.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Rest/HistoryJson.h"
#include "Plugin/Rest/NotLookedAt.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Rest/TaskJson.h"
#include "Plugin/Support/JsonObjectReader.h"
#include "Plugin/Support/NullableJson.h"

namespace H3K27M::Rest
{
  namespace
  {
    WorkState::Task FindTask(const Services& services, const std::string& studyId)
    {
      std::optional<WorkState::Task> task = services.store.FindByStudy(studyId);

      if (!task)
      {
        throw Error(ErrorCode::NotFound,
                    services.archive.GetStudy(studyId)
                      ? "Study " + studyId + " has not been looked at; POST cases/" + studyId + "/triage queues it"
                      : "There is no study " + studyId);
      }

      return std::move(*task);
    }

    Answer GetCase(const Services& services, const std::string& studyId)
    {
      Json::Value json = ToCaseJson(FindTask(services, studyId), FindReports(services.store, {studyId}));
      WorkState::DeliveryQuery query;
      query.studyId = studyId;
      json["deliveries"] = Json::arrayValue;

      for (const WorkState::Delivery& delivery : services.store.GetDeliveries().List(query).deliveries)
      {
        json["deliveries"].append(Delivery::ToJson(delivery, services.settings.delivery.rules));
      }

      json["series_choice"] = Json::nullValue;

      if (const auto choice = Pipeline::FindHandChoice(services.store, studyId))
      {
        json["series_choice"]["series"] = choice->seriesId;
        json["series_choice"]["by"] = Support::OrNull(choice->by);
      }

      return Answer::FromJson(json);
    }

    std::vector<std::string> ListStudies(const WorkState::TaskPage& page)
    {
      std::vector<std::string> studies;
      studies.reserve(page.tasks.size());

      for (const WorkState::Task& task : page.tasks)
      {
        studies.push_back(task.studyId);
      }

      return studies;
    }

    Answer ListCases(const Services& services, Request request)
    {
      const auto byUid = request.query.find("StudyInstanceUID");

      if (byUid != request.query.end())
      {
        const std::optional<std::string> study = services.archive.FindStudy(byUid->second);

        if (!study)
        {
          throw Error(ErrorCode::NotFound, "There is no study with this StudyInstanceUID");
        }

        return GetCase(services, *study);
      }

      const WorkState::TaskQuery query = ParseTaskQuery(request);
      const WorkState::TaskPage page = services.store.List(query);
      return Answer::FromJson(ToWorklistJson(page, query, FindReports(services.store, ListStudies(page))));
    }

    Answer GetHistory(const Services& services, const std::string& studyId)
    {
      constexpr std::size_t LIMIT = 100;
      constexpr std::size_t AUDIT_LIMIT = 400;  // not all of it is shown

      if (!services.store.FindByStudy(studyId))
      {
        Archive::RequireStudy(services.archive, studyId);  // a study may have labels and no task
      }

      WorkState::AuditQuery query;
      query.subject = studyId;
      query.limit = AUDIT_LIMIT;
      WorkState::DeliveryQuery sent;
      sent.studyId = studyId;
      sent.limit = LIMIT;
      const std::vector<WorkState::Attempt> attempts = services.store.GetAttempts().List(studyId, LIMIT);
      const std::vector<WorkState::AuditEntry> audit = services.store.ListAudit(query);
      const WorkState::DeliveryPage page = services.store.GetDeliveries().List(sent);
      Json::Value json = ToHistoryJson({attempts, audit, page.deliveries, services.settings.delivery.rules}, LIMIT);
      json["study"] = studyId;
      return Answer::FromJson(json);
    }

    // 202 with the task, which is taken up at once.
    Answer QueueStudy(const Services& services, const std::string& studyId, WorkState::Priority priority, bool force)
    {
      services.intake.Request(studyId, priority, force);
      services.store.Request(studyId);
      services.workers.Wake();
      return Answer::FromJson(ToJson(FindTask(services, studyId)), 202);
    }

    Answer RequestTriage(const Services& services, const Request& request, const std::string& studyId)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      const std::string priority = reader.ReadString("priority", "routine");
      const bool force = reader.ReadBoolean("force", false);
      reader.RefuseUnknownKeys();

      // Orthanc's identifiers name a study that exists, so a typing error is told at once.
      Archive::RequireStudy(services.archive, studyId);
      Answer answer = QueueStudy(services, studyId, WorkState::ParsePriority(priority), force);
      answer.note.details = "priority " + priority;
      return answer;
    }

    // The images are the same, another of them is read: so the study is computed although its content is known.
    Answer ChooseByHand(const Services& services, const Request& request, const std::string& studyId)
    {
      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      const Pipeline::HandChoice choice{reader.ReadString("series", ""), services.access.Identify(request).user};
      reader.RefuseUnknownKeys();

      if (choice.seriesId.empty())
      {
        reader.Refuse("series", "Orthanc's identifier of a series of this study");
      }

      Pipeline::RequireReadable(services.triage, Archive::RequireStudy(services.archive, studyId), choice);
      Pipeline::SetHandChoice(services.store, studyId, choice);
      Answer answer = QueueStudy(services, studyId, WorkState::Priority::Urgent, true);
      answer.note.details = "series " + choice.seriesId;
      return answer;
    }

    Answer WithdrawChoice(const Services& services, const std::string& studyId)
    {
      Archive::RequireStudy(services.archive, studyId);
      Pipeline::WithdrawHandChoice(services.store, studyId);
      return QueueStudy(services, studyId, WorkState::Priority::Urgent, true);
    }

    Answer GetRouting(const Services& services, const std::string& seriesId)
    {
      const std::optional<std::string> studyId = services.archive.GetParentStudy("Series", seriesId);
      const std::optional<Archive::StudySnapshot> study = studyId ? services.archive.GetStudy(*studyId) : std::nullopt;

      const Archive::SeriesSnapshot* const series = study ? study->FindSeries(seriesId) : nullptr;

      if (!study || series == nullptr)
      {
        throw Error(ErrorCode::NotFound, "There is no series " + seriesId);
      }

      return Answer::FromJson(Pipeline::ToJson(services.triage.ReadSeries(*series, study->id)));
    }

    Answer FindRouting(const Services& services, const Request& request)
    {
      const auto uid = request.query.find("SeriesInstanceUID");

      if (uid == request.query.end())
      {
        throw Error(ErrorCode::BadInput, "Name the series: routing/{series} or routing?SeriesInstanceUID=");
      }

      const std::optional<std::string> series = services.archive.FindSeries(uid->second);

      if (!series)
      {
        throw Error(ErrorCode::NotFound, "There is no series with this SeriesInstanceUID");
      }

      return GetRouting(services, *series);
    }
  }

  void AddCaseRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "cases",
               [&services](const Request& request, const PathParameters&) { return ListCases(services, request); });
    // Before the study that is called so.
    router.Add(Method::Get, "cases/not-looked-at", [&services](const Request& request, const PathParameters&)
    { return ListNotLookedAt(services, request); });
    router.Add(Method::Get, "cases/{study}",
               [&services](const Request&, const PathParameters& path) { return GetCase(services, path.at("study")); });
    router.Add(Method::Get, "cases/{study}/history", [&services](const Request&, const PathParameters& path)
    { return GetHistory(services, path.at("study")); });
    router.Add(Method::Post, "cases/{study}/triage", [&services](const Request& request, const PathParameters& path)
    { return RequestTriage(services, request, path.at("study")); });
    router.Add(Method::Put, "cases/{study}/series", [&services](const Request& request, const PathParameters& path)
    { return ChooseByHand(services, request, path.at("study")); });
    router.Add(Method::Delete, "cases/{study}/series", [&services](const Request&, const PathParameters& path)
    { return WithdrawChoice(services, path.at("study")); }, {});
    router.Add(Method::Get, "routing",
               [&services](const Request& request, const PathParameters&) { return FindRouting(services, request); });
    router.Add(Method::Get, "routing/{series}", [&services](const Request&, const PathParameters& path)
    { return GetRouting(services, path.at("series")); });
  }
}
