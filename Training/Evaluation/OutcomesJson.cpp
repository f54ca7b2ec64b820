// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/OutcomesJson.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Evaluation
{
  namespace
  {
    const Json::Value& Take(const Json::Value& object, const char* field, bool (Json::Value::*isRight)() const)
    {
      const Json::Value& value = object[field];
      if (!(value.*isRight)())
      {
        throw Error(ErrorCode::Corrupt, std::string("An outcome's field '") + field + "' is missing or malformed");
      }
      return value;
    }

    std::vector<double> TakeNumbers(const Json::Value& object, const char* field)
    {
      std::vector<double> numbers;
      for (const Json::Value& number : Take(object, field, &Json::Value::isArray))
      {
        if (!number.isNumeric())
        {
          throw Error(ErrorCode::Corrupt, std::string("An outcome's field '") + field + "' holds what is no number");
        }
        numbers.push_back(number.asDouble());
      }
      return numbers;
    }

    Json::Value OrNull(const std::optional<double>& value)
    {
      return value ? Json::Value(*value) : Json::Value();
    }

    std::optional<double> TakeOrNull(const Json::Value& object, const char* field)
    {
      return object[field].isNull() ? std::nullopt
                                    : std::optional<double>(Take(object, field, &Json::Value::isNumeric).asDouble());
    }

    // Null is an answer; a field that is not there is none.
    void RequireMember(const Json::Value& object, const char* field)
    {
      if (!object.isMember(field))
      {
        throw Error(ErrorCode::Corrupt, std::string("An outcome's field '") + field + "' is missing");
      }
    }

    CaseOutcome ReadOutcome(const Json::Value& json)
    {
      if (!json.isObject())
      {
        throw Error(ErrorCode::Corrupt, "An outcome is not a JSON object");
      }
      CaseOutcome outcome;
      outcome.id = Take(json, "id", &Json::Value::isString).asString();
      outcome.hasTumour = Take(json, "has_tumour", &Json::Value::isBool).asBool();
      outcome.genotype = Take(json, "genotype", &Json::Value::isInt64).asInt64();
      outcome.probabilityAltered = TakeOrNull(json, "probability_altered");
      outcome.oracleProbability = TakeOrNull(json, "oracle_probability");
      if (json.isMember("slice_probabilities"))  // 0.1.0 has none
      {
        outcome.sliceProbabilities = TakeNumbers(json, "slice_probabilities");
      }
      for (const char* field : {"dice", "slice_dice", "volume_mm3"})
      {
        RequireMember(json, field);
      }
      outcome.dice = TakeOrNull(json, "dice");
      if (!json["slice_dice"].isNull())
      {
        outcome.sliceDice = TakeNumbers(json, "slice_dice");
      }
      outcome.markedVolumeMm3 = TakeOrNull(json, "volume_mm3");
      if (!json["agrees_with_mask"].isNull())
      {
        outcome.agreesWithMask = Take(json, "agrees_with_mask", &Json::Value::isBool).asBool();
      }
      outcome.typicality = TakeOrNull(json, "typicality");
      return outcome;
    }
  }

  Json::Value WriteOutcome(const CaseOutcome& outcome)
  {
    Json::Value json;
    json["id"] = outcome.id;
    json["has_tumour"] = outcome.hasTumour;
    json["genotype"] = Json::Int64{outcome.genotype};
    json["probability_altered"] = OrNull(outcome.probabilityAltered);
    json["oracle_probability"] = OrNull(outcome.oracleProbability);
    json["slice_probabilities"] = Json::Value(Json::arrayValue);
    for (const double probability : outcome.sliceProbabilities)
    {
      json["slice_probabilities"].append(probability);
    }
    json["agrees_with_mask"] = outcome.agreesWithMask ? Json::Value(*outcome.agreesWithMask) : Json::Value();
    json["dice"] = OrNull(outcome.dice);
    json["slice_dice"] = outcome.dice ? Json::Value(Json::arrayValue) : Json::Value();
    for (const double dice : outcome.sliceDice)
    {
      json["slice_dice"].append(dice);
    }
    json["volume_mm3"] = OrNull(outcome.markedVolumeMm3);
    json["typicality"] = OrNull(outcome.typicality);
    return json;
  }

  Json::Value WriteOutcomes(const std::vector<CaseOutcome>& outcomes)
  {
    Json::Value json(Json::arrayValue);
    for (const CaseOutcome& outcome : outcomes)
    {
      json.append(WriteOutcome(outcome));
    }
    return json;
  }

  std::vector<CaseOutcome> ReadOutcomes(const Json::Value& json)
  {
    if (!json.isArray())
    {
      throw Error(ErrorCode::Corrupt, "Outcomes are a JSON array");
    }
    std::vector<CaseOutcome> outcomes;
    outcomes.reserve(json.size());
    for (const Json::Value& outcome : json)
    {
      outcomes.push_back(ReadOutcome(outcome));
    }
    return outcomes;
  }
}
