// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/TaskJson.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Labels/LabelJson.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Review/ReviewJson.h"
#include "Plugin/Support/Log.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/WorkState/WorkStore.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t MAX_TASKS = 1000;

    constexpr std::array<std::pair<const char*, WorkState::TaskOrder>, 6> ORDERS = {
      {{"created", WorkState::TaskOrder::Created},
       {"updated", WorkState::TaskOrder::Updated},
       {"priority", WorkState::TaskOrder::Priority},
       {"probability", WorkState::TaskOrder::Probability},
       {"volume", WorkState::TaskOrder::Volume},
       {"state", WorkState::TaskOrder::State}}};

    constexpr std::array<std::pair<const char*, WorkState::LabelFilter>, 4> LABEL_FILTERS = {
      {{"none", WorkState::LabelFilter::None},
       {"any", WorkState::LabelFilter::Any},
       {"altered", WorkState::LabelFilter::Altered},
       {"wild-type", WorkState::LabelFilter::WildType}}};

    Json::Value DescribePage(const WorkState::TaskPage& page, const WorkState::TaskQuery& query)
    {
      Json::Value json;
      json["total"] = static_cast<Json::UInt64>(page.total);
      json["offset"] = static_cast<Json::UInt64>(query.offset);
      json["limit"] = static_cast<Json::UInt64>(query.limit);
      return json;
    }

    Json::Value DescribeMask(const WorkState::StudyMask& mask)
    {
      Json::Value json;
      json["segmentation"] = mask.instanceId;
      json["segmentation_instance_uid"] = mask.sopInstanceUid;
      json["algorithm_type"] = Support::OrNull(mask.algorithmType);
      json["creator"] = Support::OrNull(mask.creator);
      json["synthetic"] = mask.synthetic;
      return json;
    }

    void AddReports(Json::Value& json, const PersonReports& reports, const std::string& study)
    {
      const auto label = reports.labels.find(study);
      const auto review = reports.reviews.find(study);
      json["label"] = label == reports.labels.end() ? Json::Value() : Labels::ToJson(label->second);
      json["review"] = review == reports.reviews.end() ? Json::Value() : Review::ToJson(review->second);
      const auto mask = reports.masks.find(study);
      json["human_mask"] = mask == reports.masks.end() ? Json::Value() : DescribeMask(mask->second);
    }

    void AddAnswer(Json::Value& json, const Json::Value& result)
    {
      const Json::Value& model = result["model"];

      if (model.isObject() && model["name"].isString() && model["version"].isString())
      {
        json["model"]["name"] = model["name"];
        json["model"]["version"] = model["version"];

        if (model["variant"].isString())
        {
          json["model"]["variant"] = model["variant"];
        }
      }

      if (const Json::Value& status = result["prediction"]["status"]; status.isString())
      {
        json["status"] = status;
      }

      // What a review can be of: with `Triage: shadow` no report stands in the study.
      if (result["report"].isString() && result["report_instance_uid"].isString())
      {
        json["report_instance_uid"] = result["report_instance_uid"];
      }

      if (const Json::Value& members = result["prediction"]["member_probabilities"]; !members.empty())
      {
        const auto [low, high] = std::minmax_element(members.begin(), members.end(), [](const auto& a, const auto& b)
        { return a.asDouble() < b.asDouble(); });
        json["member_range"]["low"] = *low;
        json["member_range"]["high"] = *high;
      }
    }

    // Which model said what in which report, and between what its networks spread: enough for a line of the worklist.
    // Of a result that cannot be read, nothing: one odd row is no reason to show none.
    void TryAddAnswer(Json::Value& json, const WorkState::Task& task)
    {
      json["model"] = Json::nullValue;
      json["member_range"] = Json::nullValue;
      json["status"] = Json::nullValue;
      json["report_instance_uid"] = Json::nullValue;

      try
      {
        if (!task.resultJson.empty())
        {
          AddAnswer(json, Protocol::ParseJson(task.resultJson));
        }
      }
      catch (const std::exception& e)
      {
        Support::Log::Info("worklist: the result of task " + std::to_string(task.id) + " cannot be read: " + e.what());
      }
    }

    WorkState::TaskOrder ParseOrder(const std::string& text)
    {
      for (const auto& [name, order] : ORDERS)
      {
        if (text == name)
        {
          return order;
        }
      }

      throw Error(ErrorCode::BadInput, "Query parameter 'order' must be created, updated, priority, probability, "
                                       "volume or state, not '" +
                                         text + "'");
    }

    void ApplyParameter(WorkState::TaskQuery& query, const std::string& name, const std::string& value)
    {
      if (name == "state")
      {
        query.states = ParseQueryList(value, WorkState::ParseTaskState);
      }
      else if (name == "priority")
      {
        query.priority = WorkState::ParsePriority(value);
      }
      else if (name == "order")
      {
        query.order = ParseOrder(value);
      }
      else if (name == "descending")
      {
        query.descending = ParseQueryFlag(name, value);
      }
      else if (name == "minimum-probability")
      {
        query.minimumProbability = ParseQueryNumber<double>(name, value);

        if (!std::isfinite(*query.minimumProbability))
        {
          throw Error(ErrorCode::BadInput, "Query parameter 'minimum-probability' must be finite");
        }
      }
      else if (name == "reviewed")
      {
        query.reviewed = ParseQueryFlag(name, value);
      }
      else if (name == "masked")
      {
        query.masked = ParseQueryFlag(name, value);
      }
      else if (name == "label")
      {
        query.label = ParseLabelFilter(value);
      }
      else if (name == "needs-person")
      {
        query.unread = ParseQueryFlag(name, value);
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
  }

  Json::Value ToJson(const WorkState::Task& task)
  {
    Json::Value json;
    json["id"] = static_cast<Json::Int64>(task.id);
    json["study"] = task.studyId;
    json["study_instance_uid"] = task.studyInstanceUid;
    json["series"] = Support::OrNull(task.seriesId);
    json["state"] = std::string(ToString(task.state));
    json["priority"] = std::string(ToString(task.priority));
    json["attempts"] = task.attempts;
    json["reason"] = Support::OrNull(task.reason);
    json["probability_altered"] = Support::OrNull(task.probabilityAltered);
    json["volume_mm3"] = Support::OrNull(task.volumeMm3);
    json["not_before"] = Support::TimeOrNull(task.notBefore);
    json["created"] = Support::TimeOrNull(task.createdAt);
    json["updated"] = Support::TimeOrNull(task.updatedAt);
    json["started"] = Support::TimeOrNull(task.startedAt);
    json["finished"] = Support::TimeOrNull(task.finishedAt);
    return json;
  }

  PersonReports FindReports(WorkState::WorkStore& store, const std::vector<std::string>& studies)
  {
    return {store.GetLabels().FindAll(studies), store.GetReviews().FindAll(studies), store.GetMasks().FindAll(studies)};
  }

  Json::Value ToUnseenJson(const PersonReports& reports, const std::string& study)
  {
    Json::Value json;
    json["study"] = study;
    AddReports(json, reports, study);
    return json;
  }

  Json::Value ToCaseJson(const WorkState::Task& task, const PersonReports& reports)
  {
    Json::Value json = ToJson(task);
    TryAddAnswer(json, task);
    AddReports(json, reports, task.studyId);
    json["result"] = Json::nullValue;
    json["routing"] = Json::arrayValue;
    json["research_use_only"] = true;

    if (!task.resultJson.empty())
    {
      Json::Value result = Protocol::ParseJson(task.resultJson);
      json["routing"] = result["routing"];
      result.removeMember("routing");

      // A refused study has verdicts and no result.
      if (result.isMember("prediction"))
      {
        json["result"] = result;
      }
    }

    return json;
  }

  WorkState::LabelFilter ParseLabelFilter(const std::string& text)
  {
    for (const auto& [name, filter] : LABEL_FILTERS)
    {
      if (text == name)
      {
        return filter;
      }
    }

    throw Error(ErrorCode::BadInput,
                "Query parameter 'label' must be none, any, altered or wild-type, not '" + text + "'");
  }

  WorkState::TaskQuery ParseTaskQuery(const Request& request)
  {
    WorkState::TaskQuery query;

    for (const auto& [name, value] : request.query)
    {
      ApplyParameter(query, name, value);
    }

    RequireLimit(query.limit, MAX_TASKS);

    // What no reader has judged, and what was given up until a person has it tried again.
    if (query.unread)
    {
      if (!query.states.empty())
      {
        throw Error(ErrorCode::BadInput, "Query parameters 'state' and 'needs-person' exclude one another");
      }

      query.states = {WorkState::TaskState::Done, WorkState::TaskState::Dead};
    }

    return query;
  }

  Json::Value ToWorklistJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query,
                             const PersonReports& reports)
  {
    Json::Value json = DescribePage(page, query);
    json["cases"] = Json::arrayValue;

    for (const WorkState::Task& task : page.tasks)
    {
      Json::Value row = ToJson(task);
      TryAddAnswer(row, task);
      AddReports(row, reports, task.studyId);
      json["cases"].append(row);
    }

    return json;
  }

  Json::Value ToQueueJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query)
  {
    Json::Value json = DescribePage(page, query);
    json["tasks"] = Json::arrayValue;

    for (const WorkState::Task& task : page.tasks)
    {
      json["tasks"].append(ToJson(task));
    }

    return json;
  }
}
