// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ResultJson.h"

#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>
#include <string>

namespace H3K27M::Pipeline
{
  namespace
  {
    bool HoldsInstance(const Archive::StudySnapshot& study, const Json::Value& instanceId)
    {
      const auto holds = [&instanceId](const Archive::SeriesSnapshot& series)
      { return std::count(series.instances.begin(), series.instances.end(), instanceId.asString()) > 0; };
      return instanceId.isString() && std::any_of(study.series.begin(), study.series.end(), holds);
    }

    Json::Value ToJsonArray(const std::vector<std::string>& texts)
    {
      Json::Value array(Json::arrayValue);

      for (const std::string& text : texts)
      {
        array.append(text);
      }

      return array;
    }
  }

  Json::Value ToJson(const Results::Prediction& prediction)
  {
    const Results::GenotypePrediction& genotype = prediction.genotype;

    Json::Value json;
    json["status"] = std::string(ToString(genotype.status));
    json["probability_altered"] =
      genotype.probabilityAltered ? Json::Value(*genotype.probabilityAltered) : Json::Value();
    json["member_probabilities"] = Json::arrayValue;

    for (const double probability : genotype.memberProbabilities)
    {
      json["member_probabilities"].append(probability);
    }

    json["threshold"] = genotype.threshold;
    json["logic"] = genotype.logic;
    json["reason"] = genotype.reason;
    json["agrees_with_mask"] = genotype.agreesWithMask ? Json::Value(*genotype.agreesWithMask) : Json::Value();
    json["slices"] = Json::arrayValue;

    for (const Results::SliceScore& score : genotype.slices)
    {
      Json::Value slice;
      slice["slice"] = static_cast<Json::UInt64>(score.slice);
      slice["probability_altered"] = score.probabilityAltered ? Json::Value(*score.probabilityAltered) : Json::Value();
      slice["tumour_area_mm2"] = score.tumourAreaMm2;
      json["slices"].append(slice);
    }

    json["typicality"] = Json::nullValue;

    if (prediction.typicality)
    {
      json["typicality"]["share"] = prediction.typicality->share;
      json["typicality"]["patients"] = static_cast<Json::UInt64>(prediction.typicality->patients);
      json["typicality"]["abstained"] = prediction.typicality->abstained;
    }

    return json;
  }

  Json::Value ToJson(const SeriesReading& reading)
  {
    Json::Value json;
    json["series"] = reading.seriesId;
    json["series_instance_uid"] = reading.seriesInstanceUid;
    json["accepted"] = reading.decision.accepted;
    json["choice"] = Support::OrNull(reading.choice);
    json["reasons"] = ToJsonArray(reading.decision.reasons);
    json["criteria"] = Json::arrayValue;

    for (const Routing::RoutingCriterion& criterion : reading.decision.criteria)
    {
      Json::Value item;
      item["name"] = criterion.name;
      item["seen"] = criterion.seen;
      item["wanted"] = criterion.wanted;
      item["passed"] = criterion.passed;
      item["binding"] = criterion.isBinding;
      json["criteria"].append(item);
    }

    return json;
  }

  bool IsStored(const Json::Value& result, const Archive::StudySnapshot& study)
  {
    return HoldsInstance(study, result["report"]) &&
           (result["segmentation_instance_uid"].isNull() || HoldsInstance(study, result["segmentation"])) &&
           (result["saliency_instance_uid"].isNull() || HoldsInstance(study, result["saliency"]));
  }
}
