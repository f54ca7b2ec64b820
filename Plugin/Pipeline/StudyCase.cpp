// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyCase.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ResultJson.h"

#include <algorithm>

namespace H3K27M::Pipeline
{
  namespace
  {
    // Which model said what: that is left when the case is computed anew.
    std::string Summarise(const Json::Value& result)
    {
      Json::Value summary;
      summary["model"] = result["model"]["name"];
      summary["version"] = result["model"]["version"];
      summary["status"] = result["prediction"]["status"];
      summary["probability_altered"] = result["prediction"]["probability_altered"];
      summary["volume_mm3"] = result["volume_mm3"];
      return Protocol::WriteCompactJson(summary);
    }

    // The first one that a person has chosen; the end where nobody has chosen any.
    auto FindChosen(std::span<const SeriesReading> readings)
    {
      return std::find_if(readings.begin(), readings.end(),
                          [](const SeriesReading& reading) { return !reading.choice.empty(); });
    }

    // The candidate that comes before all others; null where there is none, and where a person has chosen, because the
    // order of the candidates decided nothing then.
    const SeriesReading* FindBest(std::span<const SeriesReading> readings)
    {
      if (FindChosen(readings) != readings.end())
      {
        return nullptr;
      }

      const auto best =
        std::min_element(readings.begin(), readings.end(), [](const SeriesReading& a, const SeriesReading& b)
      { return a.candidate && (!b.candidate || Routing::StudyRouter::IsBetter(*a.candidate, *b.candidate)); });
      return best != readings.end() && best->candidate ? &*best : nullptr;
    }
  }

  WorkState::TaskResult DescribeCase(std::span<const SeriesResult> results, std::span<const SeriesReading> readings)
  {
    Json::Value json = results.empty() ? Json::Value(Json::objectValue) : results.front().json;
    json["further_results"] = Json::arrayValue;

    for (std::size_t i = 1; i < results.size(); i++)
    {
      json["further_results"].append(results[i].json);
    }

    json["routing"] = Json::arrayValue;

    const SeriesReading* const best = FindBest(readings);

    for (const SeriesReading& reading : readings)
    {
      Json::Value verdict = ToJson(reading);

      if (best != nullptr && best != &reading && best->candidate && reading.candidate)
      {
        verdict["behind"]["series"] = best->seriesId;
        verdict["behind"]["reason"] = Routing::StudyRouter::ExplainOrder(*best->candidate, *reading.candidate);
      }

      json["routing"].append(verdict);
    }

    WorkState::TaskResult result;
    result.json = Protocol::WriteCompactJson(json);
    result.summary = Summarise(json);
    result.seriesId = json["series"].asString();

    if (json["prediction"]["probability_altered"].isNumeric())
    {
      result.probabilityAltered = json["prediction"]["probability_altered"].asDouble();
    }

    if (json["volume_mm3"].isNumeric())
    {
      result.volumeMm3 = json["volume_mm3"].asDouble();
    }

    return result;
  }

  std::string JoinReasons(const SeriesReading& reading)
  {
    std::string text;

    for (const std::string& reason : reading.decision.reasons)
    {
      text += (text.empty() ? "" : "; ") + reason;
    }

    return text;
  }

  std::string ExplainRefusal(std::span<const SeriesReading> readings, Routing::Contrast contrast)
  {
    if (readings.empty())
    {
      return "the study holds no image series";
    }

    const auto chosen = FindChosen(readings);

    if (chosen != readings.end())
    {
      return chosen->choice + ". It cannot be read: [" + chosen->seriesId + "] " + JoinReasons(*chosen);
    }

    std::string text = "no series of this study can be used as an " + Routing::Describe(contrast) + ":";

    for (const SeriesReading& reading : readings)
    {
      text += " [" + reading.seriesId + "] " + JoinReasons(reading);
    }

    return text;
  }
}
