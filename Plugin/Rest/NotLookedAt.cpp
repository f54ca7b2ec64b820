// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/NotLookedAt.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/TaskJson.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Rest
{
  namespace
  {
    // One request goes through so many studies at most: identifiers of the archive's index, each looked up in the work
    // store by its own. In an archive where nearly all were looked at the caller goes on from where it ended.
    constexpr std::size_t STUDIES_AT_ONCE = 1000;
    constexpr std::size_t MAX_LOOKS = 5;

    constexpr std::size_t MAX_UNSEEN = 200;  // rows of a page, and studies that are named

    struct UnseenQuery
    {
      std::vector<std::string> studies;  // only these; empty: all of the archive
      std::optional<bool> reviewed;
      std::optional<bool> masked;
      std::optional<WorkState::LabelFilter> label;
      std::size_t since = 0;
      std::size_t limit = 50;
    };

    std::string ReadStudy(std::string_view text)
    {
      return std::string(text);
    }

    UnseenQuery ParseUnseenQuery(const Request& request)
    {
      UnseenQuery query;

      for (const auto& [name, value] : request.query)
      {
        if (name == "study")
        {
          query.studies = ParseQueryList(value, ReadStudy);
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
        else if (name == "since")
        {
          query.since = ParseQueryNumber<std::uint32_t>(name, value);
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

      RequireLimit(query.limit, MAX_UNSEEN);

      if (query.studies.size() > MAX_UNSEEN)
      {
        throw Error(ErrorCode::BadInput,
                    "Query parameter 'study' names at most " + std::to_string(MAX_UNSEEN) + " studies");
      }

      return query;
    }

    bool FitsLabel(WorkState::LabelFilter filter, const WorkState::StudyLabel* label)
    {
      switch (filter)
      {
        case WorkState::LabelFilter::None:
          return label == nullptr;

        case WorkState::LabelFilter::Any:
          return label != nullptr;

        case WorkState::LabelFilter::Altered:
          return label != nullptr && label->genotype == "altered";

        case WorkState::LabelFilter::WildType:
          return label != nullptr && label->genotype == "wild-type";
      }

      return false;
    }

    bool Fits(const UnseenQuery& query, const PersonReports& reports, const std::string& study)
    {
      const auto mask = reports.masks.find(study);
      const bool isMasked = mask != reports.masks.end() && !mask->second.synthetic;
      const auto label = reports.labels.find(study);
      return (!query.reviewed || *query.reviewed == reports.reviews.contains(study)) &&
             (!query.masked || *query.masked == isMasked) &&
             (!query.label || FitsLabel(*query.label, label == reports.labels.end() ? nullptr : &label->second));
    }

    // Appends those of `studies` that were not looked at and fit, until there are `most` rows. Returns how many of
    // `studies` it has gone through.
    std::size_t AppendUnseen(const Services& services, const UnseenQuery& query,
                             const std::vector<std::string>& studies, std::size_t most, Json::Value& rows)
    {
      const std::vector<std::string> found = services.store.FindKnown(studies);
      const std::set<std::string> known(found.begin(), found.end());
      std::vector<std::string> unseen;

      for (const std::string& study : studies)
      {
        if (!known.contains(study))
        {
          unseen.push_back(study);
        }
      }

      const PersonReports reports = FindReports(services.store, unseen);

      for (std::size_t i = 0; i < studies.size(); i++)
      {
        if (known.contains(studies[i]) || !Fits(query, reports, studies[i]))
        {
          continue;
        }

        rows.append(ToUnseenJson(reports, studies[i]));

        if (rows.size() == most)
        {
          return i + 1;
        }
      }

      return studies.size();
    }

    // Where the archive is to be gone on with; empty at its end.
    std::optional<std::size_t> GoThroughArchive(const Services& services, const UnseenQuery& query, Json::Value& rows)
    {
      std::size_t place = query.since;

      for (std::size_t look = 0; look < MAX_LOOKS && rows.size() < query.limit; look++)
      {
        const std::vector<std::string> studies = services.archive.ListStudyPage(place, STUDIES_AT_ONCE);
        const std::size_t gone = AppendUnseen(services, query, studies, query.limit, rows);
        place += gone;

        if (gone == studies.size() && studies.size() < STUDIES_AT_ONCE)
        {
          return std::nullopt;
        }
      }

      return place;
    }
  }

  Answer ListNotLookedAt(const Services& services, const Request& request)
  {
    const UnseenQuery query = ParseUnseenQuery(request);
    Json::Value rows(Json::arrayValue);
    std::optional<std::size_t> next;

    if (query.studies.empty())
    {
      next = GoThroughArchive(services, query, rows);
    }
    else
    {
      AppendUnseen(services, query, query.studies, MAX_UNSEEN, rows);
    }

    Json::Value json;
    json["since"] = static_cast<Json::UInt64>(query.since);
    json["limit"] = static_cast<Json::UInt64>(query.limit);
    json["next"] = next ? Json::Value(static_cast<Json::UInt64>(*next)) : Json::Value();
    json["studies"] = rows;
    return Answer::FromJson(json);
  }
}
