// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Shadow/ShadowFigures.h"

#include "Plugin/Support/NullableJson.h"

#include <cmath>
#include <map>
#include <vector>

namespace H3K27M::Shadow
{
  namespace
  {
    using WorkState::ShadowAnswer;
    using WorkState::ShadowResult;

    constexpr const char* ALTERED = "altered";
    constexpr const char* WILD_TYPE = "wild-type";

    bool HasTumour(const ShadowAnswer& answer)
    {
      return answer.volumeMm3.value_or(0) > 0;
    }

    const char* CompareCalls(const ShadowResult& row)
    {
      const std::string& candidate = row.candidate.status;
      const std::string& current = row.current.status;

      if (candidate == current && (candidate == ALTERED || candidate == WILD_TYPE))
      {
        return candidate == ALTERED ? "both_altered" : "both_wild_type";
      }

      if (candidate == ALTERED && current == WILD_TYPE)
      {
        return "candidate_altered_alone";
      }

      return candidate == WILD_TYPE && current == ALTERED ? "current_altered_alone" : "one_undetermined";
    }

    const char* CompareTumours(const ShadowResult& row)
    {
      if (HasTumour(row.candidate))
      {
        return HasTumour(row.current) ? "both" : "candidate_alone";
      }

      return HasTumour(row.current) ? "current_alone" : "none";
    }

    void Increment(Json::Value& count)
    {
      count = count.asUInt64() + 1;
    }

    Json::Value StartAtZero(std::initializer_list<const char*> names)
    {
      Json::Value json(Json::objectValue);

      for (const char* const name : names)
      {
        json[name] = Json::UInt64{0};
      }

      return json;
    }

    // Of the probabilities of alteration.
    class Differences
    {
    public:
      void Add(const ShadowResult& row)
      {
        if (row.candidate.probabilityAltered && row.current.probabilityAltered)
        {
          const double difference = *row.candidate.probabilityAltered - *row.current.probabilityAltered;
          sum_ += difference;
          absolute_ += std::abs(difference);
          count_++;
        }
      }

      void WriteTo(Json::Value& json) const
      {
        const auto count = static_cast<double>(count_);
        json["mean_difference"] = count_ == 0 ? Json::Value() : Json::Value(sum_ / count);
        json["mean_absolute_difference"] = count_ == 0 ? Json::Value() : Json::Value(absolute_ / count);
      }

    private:
      double sum_ = 0;
      double absolute_ = 0;
      std::size_t count_ = 0;
    };

    Json::Value CompareWithLabels(WorkState::WorkStore& store, const std::vector<ShadowResult>& rows)
    {
      std::vector<std::string> studies;
      studies.reserve(rows.size());

      for (const ShadowResult& row : rows)
      {
        studies.push_back(row.studyId);
      }

      const std::map<std::string, WorkState::StudyLabel> labels = store.GetLabels().FindAll(studies);
      Json::Value json;

      for (const char* const genotype : {"altered", "wild_type"})
      {
        json[genotype] = StartAtZero({"cases", "candidate_right", "current_right"});
      }

      for (const ShadowResult& row : rows)
      {
        const auto label = labels.find(row.studyId);

        if (label != labels.end() && row.fault.empty())
        {
          Json::Value& counts = json[label->second.genotype == ALTERED ? "altered" : "wild_type"];
          Increment(counts["cases"]);
          counts["candidate_right"] =
            counts["candidate_right"].asUInt64() + (row.candidate.status == label->second.genotype ? 1 : 0);
          counts["current_right"] =
            counts["current_right"].asUInt64() + (row.current.status == label->second.genotype ? 1 : 0);
        }
      }

      return json;
    }

    Json::Value DescribeAnswer(const ShadowAnswer& answer)
    {
      Json::Value json;
      json["model"] = answer.model.name;
      json["status"] = Support::OrNull(answer.status);
      json["probability_altered"] = Support::OrNull(answer.probabilityAltered);
      json["volume_mm3"] = Support::OrNull(answer.volumeMm3);
      return json;
    }
  }

  Json::Value SummariseShadow(WorkState::WorkStore& store, const WorkState::ShadowModel& candidate)
  {
    const std::vector<ShadowResult> rows = store.GetShadows().List(candidate, WorkState::ShadowTable::MAX_PAGE);
    Json::Value json;
    json["studies"] = Json::UInt64{rows.size()};
    json["faults"] = Json::UInt64{0};
    json["calls"] = StartAtZero(
      {"both_altered", "both_wild_type", "candidate_altered_alone", "current_altered_alone", "one_undetermined"});
    json["tumours"] = StartAtZero({"both", "candidate_alone", "current_alone", "none"});
    Differences differences;

    for (const ShadowResult& row : rows)
    {
      if (!row.fault.empty())
      {
        Increment(json["faults"]);
        continue;
      }

      Increment(json["calls"][CompareCalls(row)]);
      Increment(json["tumours"][CompareTumours(row)]);
      differences.Add(row);
    }

    differences.WriteTo(json);
    json["against_labels"] = CompareWithLabels(store, rows);
    return json;
  }

  Json::Value ListShadow(WorkState::WorkStore& store, const WorkState::ShadowModel& candidate, std::size_t limit)
  {
    Json::Value list(Json::arrayValue);

    for (const ShadowResult& row : store.GetShadows().List(candidate, limit))
    {
      Json::Value item;
      item["study"] = row.studyId;
      item["study_instance_uid"] = row.studyInstanceUid;
      item["candidate"] = DescribeAnswer(row.candidate);
      item["current"] = DescribeAnswer(row.current);
      item["fault"] = Support::OrNull(row.fault);
      item["compared_at"] = Support::TimeOrNull(row.comparedAt);
      list.append(item);
    }

    return list;
  }
}
