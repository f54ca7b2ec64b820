// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ExternalEvaluation.h"

#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/DescribePatients.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/RunFolder.h"
#include "Training/Runs/TrainedCard.h"

#include <memory>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    Json::Value DescribeModel(const Weights::ModelCard& card)
    {
      Json::Value model;
      model["name"] = card.GetName();
      model["weights_sha256"] = card.GetWeightsSha256();
      model["members"] = card.GetJson()["members"].size();
      return model;
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
    RefuseSeenCases(card.GetJson(), manifest["data"]);

    Json::Value config;
    config["kind"] = "evaluate";
    config["contrast"] = Data::ToString(contrast);
    config["split"] = split;
    config["threshold"] = card.GetThreshold();
    config["control"] = "none";
    config["network"]["variant"] = card.GetJson()["variant"];
    const RunFolder run(folder, config, manifest, resumes);

    std::vector<Evaluation::CaseOutcome> outcomes =
      Evaluation::EvaluateModel(source, model, backend, [&](std::size_t done)
    {
      Json::Value event;
      event["event"] = "case";
      event["step"] = Json::UInt64{done};
      event["of"] = Json::UInt64{source.GetCount()};
      run.AppendEvent(event);
      onEvent(event);
    });
    WriteJsonFile(folder / EXTERNAL_FILE, Evaluation::WriteOutcomes(outcomes));
    WriteJsonFile(folder / PATIENTS_FILE, DescribePatients(*bids));
    Json::Value metrics;
    metrics["model"] = manifest["model"];
    metrics["external"] = Evaluation::HeldOutEvaluation(std::move(outcomes)).Summarise(card.GetThreshold());
    WriteJsonFile(folder / METRICS_FILE, metrics);
    return metrics;
  }
}
