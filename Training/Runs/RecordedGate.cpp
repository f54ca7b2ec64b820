// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/RecordedGate.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelCard.h"
#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/OutcomeMakers.h"
#include "Training/Runs/OutcomesFile.h"
#include "Training/Runs/PromotionGate.h"
#include "Training/Runs/RunFiles.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    // What a finished run has found out about one model.
    struct GateRecord
    {
      std::string run;                                // its folder's name
      Json::Value data;                               // ICaseSource::Describe() of the patients
      Json::Value maker;                              // OutcomeMakers::Describe(); null where nobody wrote it down
      std::vector<Evaluation::CaseOutcome> outcomes;  // by id
    };

    // What was declared before anything was measured.
    struct GateRules
    {
      double margin = PromotionGate().margin;
      std::size_t minimumPatients = PromotionGate().minimumPatients;
      std::string control = "none";
    };

    GateRules ReadGateRules(const Json::Value& card)
    {
      const Json::Value& run = card["run"];
      const Json::Value& config = run.isObject() ? run["config"] : run;
      GateRules rules;
      if (!config.isObject())
      {
        return rules;
      }
      if (config["gate_margin"].isNumeric())
      {
        rules.margin = config["gate_margin"].asDouble();
      }
      if (config["gate_minimum_patients"].isUInt64())
      {
        rules.minimumPatients = config["gate_minimum_patients"].asUInt64();
      }
      rules.control = config.get("control", rules.control).asString();
      return rules;
    }

    // Nothing where the run is not over, or measured other weights; a cross-validation of an early release does not say
    // which.
    std::optional<GateRecord> FindGateRecord(const std::filesystem::path& run, const std::string& weightsSha256)
    {
      for (const char* file : {CONFIG_FILE, MANIFEST_FILE, METRICS_FILE, EXTERNAL_FILE})
      {
        if (!std::filesystem::exists(run / file))
        {
          return std::nullopt;
        }
      }
      const bool isEvaluation = ReadJsonFile(run / CONFIG_FILE)["kind"] == "evaluate";
      if (!isEvaluation && !std::filesystem::exists(run / MAKER_FILE))
      {
        return std::nullopt;
      }
      const Json::Value manifest = ReadJsonFile(run / MANIFEST_FILE);
      const Json::Value metrics = ReadJsonFile(run / METRICS_FILE);
      GateRecord record;
      record.run = run.filename().string();
      record.data = manifest[isEvaluation ? "data" : "external"];
      record.maker = isEvaluation ? metrics["measured_with"][0] : ReadJsonFile(run / MAKER_FILE);
      const Json::Value& measured = isEvaluation ? manifest["model"] : std::as_const(record).maker;
      if (measured["weights_sha256"] != weightsSha256)
      {
        return std::nullopt;
      }
      record.outcomes = ReadOutcomesFile(run / EXTERNAL_FILE);
      std::sort(record.outcomes.begin(), record.outcomes.end(),
                [](const Evaluation::CaseOutcome& a, const Evaluation::CaseOutcome& b) { return a.id < b.id; });
      return record;
    }

    // Throws Error(BadInput) when there is none.
    std::vector<GateRecord> ReadGateRecords(const RecordedModel& model, const Weights::ModelCard& card)
    {
      std::vector<GateRecord> records;
      for (const std::filesystem::path& run : model.runs)
      {
        if (std::optional<GateRecord> record = FindGateRecord(run, card.GetWeightsSha256()))
        {
          records.push_back(std::move(*record));
        }
      }
      if (records.empty())
      {
        throw Error(ErrorCode::BadInput, "no finished run has the scores of external patients by " + card.GetName() +
                                           " on record: an evaluation of it on the other model's data set has them");
      }
      return records;
    }

    // Why the two are not of the same patients; empty: they are.
    std::string FindRecordDifference(const GateRecord& a, const GateRecord& b)
    {
      const bool areSame = std::equal(a.outcomes.begin(), a.outcomes.end(), b.outcomes.begin(), b.outcomes.end(),
                                      [](const auto& one, const auto& other) { return one.id == other.id; });
      if (!areSame)
      {
        return "they are of different patients";
      }
      for (std::size_t i = 0; i < a.outcomes.size(); i++)
      {
        const Evaluation::CaseOutcome& one = a.outcomes[i];
        const Evaluation::CaseOutcome& other = b.outcomes[i];
        const Json::Value& image = a.data["images"][one.id];
        if (!image.isString() || image != b.data["images"][one.id])
        {
          return "the images of " + one.id + " are not known to be the same";
        }
        if (one.hasTumour != other.hasTumour || (one.hasTumour && one.genotype != other.genotype))
        {
          return "the label or the mask of " + one.id + " is another one";
        }
      }
      return "";
    }

    using GateRecordPair = std::pair<const GateRecord*, const GateRecord*>;

    // Throws Error(BadInput) when no two fit, with what is wrong with the first two.
    GateRecordPair ChooseGateRecords(const std::vector<GateRecord>& candidates,
                                     const std::vector<GateRecord>& baselines)
    {
      std::string reason;
      for (const GateRecord& candidate : candidates)
      {
        for (const GateRecord& baseline : baselines)
        {
          const std::string difference = FindRecordDifference(candidate, baseline);
          if (difference.empty())
          {
            return {&candidate, &baseline};
          }
          if (reason.empty())
          {
            reason.append(" (").append(candidate.run).append(" and ").append(baseline.run);
            reason.append(": ").append(difference).append(")");
          }
        }
      }
      throw Error(ErrorCode::BadInput, "no finished runs of the two models measured the same patients" + reason);
    }

    Json::Value NameModel(const Weights::ModelCard& card)
    {
      Json::Value json;
      json["name"] = card.GetName();
      json["weights_sha256"] = card.GetWeightsSha256();
      return json;
    }

    // Into `gate`. Throws Error(BadInput) with what forbids a comparison, before it writes anything.
    void CompareGateRecords(Json::Value& gate, const GateRecord& candidate, const GateRecord& baseline,
                            const GateRules& rules)
    {
      RequireGatePatients(candidate.outcomes, rules.minimumPatients);
      const Json::Value judged = TestGate(candidate.outcomes, baseline.outcomes, rules.margin);
      for (const std::string& field : judged.getMemberNames())
      {
        gate[field] = judged[field];
      }
      OutcomeMakers makers;
      makers.Add("candidate", candidate.maker);
      makers.Add("baseline", baseline.maker);
      gate["cases"] = Json::UInt64{candidate.outcomes.size()};
      gate["records"]["candidate"] = candidate.run;
      gate["records"]["baseline"] = baseline.run;
      gate["measured_with"] = makers.ToJson();
      gate["remarks"] = makers.MakeRemarks();
    }
  }

  Json::Value JudgeByRecords(const RecordedModel& candidate, const RecordedModel& baseline)
  {
    const auto card = Weights::ModelCard::Load(candidate.model / Protocol::StoredNames::CARD_FILE);
    const auto other = Weights::ModelCard::Load(baseline.model / Protocol::StoredNames::CARD_FILE);
    const GateRules rules = ReadGateRules(card.GetJson());
    Json::Value gate;
    gate["passed"] = false;
    gate["margin"] = rules.margin;
    gate["candidate"] = NameModel(card);
    gate["baseline"] = NameModel(other);
    try
    {
      const std::vector<GateRecord> ofCandidate = ReadGateRecords(candidate, card);
      const std::vector<GateRecord> ofBaseline = ReadGateRecords(baseline, other);
      const auto [first, second] = ChooseGateRecords(ofCandidate, ofBaseline);
      // Each run has refused patients whom its own model had seen; they may stand in the other's lineage.
      RefuseSeenCases(card.GetJson(), second->data);
      RefuseSeenCases(other.GetJson(), first->data);
      CompareGateRecords(gate, *first, *second, rules);
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::BadInput)
      {
        throw;
      }
      gate["reason"] = std::string("not judged: ") + e.what();
    }
    if (rules.control != "none")
    {
      gate["passed"] = false;
      gate["reason"] = "it is a control with shuffled labels, no candidate";
    }
    return gate;
  }
}
