// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ExternalEvaluation.h"

#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/SubsetSource.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/DescribePatients.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/Lineage.h"
#include "Training/Runs/OutcomeLog.h"
#include "Training/Runs/OutcomeMakers.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/RunFolder.h"
#include "Training/Runs/TrainedCard.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    // Of the run that made the model; "none" where its card does not say.
    std::string GetControl(const Weights::ModelCard& card)
    {
      const Json::Value& run = card.GetJson()["run"];
      const Json::Value& made = run.isObject() ? run["config"] : run;
      return made.isObject() && made["control"].isString() ? made["control"].asString() : "none";
    }

    // Of the card what its answers depend on beside the weights, under the names that other runs have for it. Earlier
    // releases did not write it down: what one of them began goes on as it was.
    void AddRules(Json::Value& config, const Weights::ModelCard& card, const std::filesystem::path& folder,
                  bool resumes)
    {
      constexpr const char* AREA = "minimum_tumour_area_mm2";
      constexpr const char* FRAMING = "framing";
      const std::filesystem::path file = folder / CONFIG_FILE;
      const Json::Value begun = resumes && std::filesystem::exists(file) ? ReadJsonFile(file) : Json::Value();
      if (begun.isObject() && !begun.isMember(AREA) && !begun.isMember(FRAMING))
      {
        return;
      }
      const Json::Value& preprocessing = card.GetJson()["preprocessing"];
      config[AREA] = card.GetMinimumTumourAreaMm2();
      config[FRAMING] = preprocessing.isObject() ? preprocessing.get(FRAMING, "head") : Json::Value("head");
    }

    // What the model learned as usual looks usual to it: that says nothing about new patients.
    void LeaveOutTypicality(std::vector<Evaluation::CaseOutcome>& outcomes, const std::vector<std::string>& known)
    {
      for (Evaluation::CaseOutcome& outcome : outcomes)
      {
        if (std::find(known.begin(), known.end(), outcome.id) != known.end())
        {
          outcome.typicality.reset();
        }
      }
    }

    Json::Value DescribeModel(const Weights::ModelCard& card)
    {
      Json::Value model;
      model["name"] = card.GetName();
      model["weights_sha256"] = card.GetWeightsSha256();
      model["members"] = card.GetJson()["members"].size();
      return model;
    }

    // Whose figures they are: the beginning of the metrics.
    Json::Value DescribeMeasurement(const Weights::ModelCard& card, const Json::Value& maker)
    {
      OutcomeMakers makers;
      makers.Add("external", maker);
      Json::Value metrics;
      metrics["model"] = DescribeModel(card);
      metrics["learned_from"] = DescribeLineage(card.GetJson());
      metrics["measured_with"] = makers.ToJson();
      return metrics;
    }
  }

  Json::Value ExternalEvaluation::Run(const std::filesystem::path& folder, bool resumes, const EventSink& onEvent) const
  {
    const auto card = Weights::ModelCard::Load(model / Weights::ModelPackage::CARD_FILE);
    const auto bids = std::make_shared<Data::BidsFolder>(dataset, contrast);
    const Data::BidsCaseSource source(bids, split);
    Json::Value manifest;
    manifest["data"] = source.Describe();
    manifest["model"] = DescribeModel(card);
    RefuseOtherContrast(card.GetJson(), contrast);
    RefuseSeenCases(card.GetJson(), manifest["data"]);

    Json::Value config;
    config["kind"] = "evaluate";
    config["contrast"] = Data::ToString(contrast);
    config["split"] = split;
    config["threshold"] = card.GetThreshold();
    config["control"] = GetControl(card);
    config["network"]["variant"] = card.GetJson()["variant"];
    AddRules(config, card, folder, resumes);
    const RunFolder run(folder, config, manifest, resumes);

    const std::vector<std::string> known = ListSharedSubjects(card.GetJson()["input_reference_data"], manifest["data"]);
    const Predict::BackendOptions sound = Evaluation::ChooseSoundOptions(model, backend);
    const Json::Value maker = OutcomeMakers::Describe(sound);
    const OutcomeLog log(folder / OUTCOMES_LOG, maker, resumes);  // takes over nothing of another maker
    std::vector<Evaluation::CaseOutcome> outcomes = log.GetKnown();
    const auto tell = [&]
    {
      Json::Value event;
      event["event"] = "case";
      event["step"] = Json::UInt64{outcomes.size()};
      event["of"] = Json::UInt64{source.GetCount()};
      run.AppendEvent(event);
      onEvent(event);
    };
    tell();
    std::vector<std::size_t> left(source.GetCount() - std::min(outcomes.size(), source.GetCount()));
    std::iota(left.begin(), left.end(), outcomes.size());
    if (!left.empty())
    {
      Evaluation::EvaluateModel(Data::SubsetSource(source, left), model, sound,
                                [&](const Evaluation::CaseOutcome& outcome)
      {
        log.Append(outcome);
        outcomes.push_back(outcome);
        tell();
      });
    }
    LeaveOutTypicality(outcomes, known);
    WriteJsonFile(folder / EXTERNAL_FILE, Evaluation::WriteOutcomes(outcomes));
    WritePatients(folder, *bids);
    Json::Value metrics = DescribeMeasurement(card, maker);
    metrics["external"] = Evaluation::HeldOutEvaluation(std::move(outcomes)).Summarise(card.GetThreshold());
    WriteJsonFile(folder / METRICS_FILE, metrics);
    return metrics;
  }
}
