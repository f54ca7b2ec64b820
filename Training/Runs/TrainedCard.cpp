// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/TrainedCard.h"

#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Sha256.h"
#include "Training/Runs/Lineage.h"

#include <string>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    void SetOfPhantoms(Weights::ModelCard& card)
    {
      const CaseCounts seen = CountLineage(card.GetJson());
      card.Set("trained_on", "synthetic phantoms with a planted signal (" + std::to_string(seen.phantoms) + ")" +
                               (seen.others == 0 ? ", no patient" : " and " + std::to_string(seen.others) + " others") +
                               ": its answers about patients mean nothing");
      card.Set("intended_use", "Demonstration and software tests. Trained on synthetic volumes with a planted signal: "
                               "its answers about patients mean nothing. Research use only, never for diagnosis.");
    }

    void SetOfPatients(Weights::ModelCard& card, const Json::Value& data)
    {
      const std::uint64_t phantoms = CountLineage(card.GetJson()).phantoms;
      card.Set("trained_on", data["count"].asString() + " subjects of a data set in BIDS, " +
                               data["contrast"].asString() +
                               (phantoms > 0 ? ", after " + std::to_string(phantoms) + " synthetic phantoms" : ""));
      card.Set("intended_use", "Research use only, never for diagnosis. Not to be used on other contrasts than " +
                                 data["contrast"].asString() + ".");
    }

    void SetOfEncoder(Weights::ModelCard& card, const Json::Value& data)
    {
      const CaseCounts seen = CountCases(data);
      std::string volumes = std::to_string(seen.others) + " volumes";
      if (seen.phantoms > 0)
      {
        volumes = std::to_string(seen.phantoms) + " synthetic phantoms" +
                  (seen.others > 0 ? " and " + std::to_string(seen.others) + " other volumes" : "");
      }
      card.Set("trained_on", volumes + ", by masked autoencoding, without labels");
      card.Set("intended_use", "An encoder for axial head MR to start a training from; it answers nothing by itself. "
                               "Research use only, never for diagnosis.");
    }

    Json::Value DescribeRun(const TrainedCardFacts& facts, const RunConfig& config)
    {
      Json::Value run;
      run["preset"] = config.preset;
      run["config"] = config.ToJson();
      const bool isEncoder = facts.network.variant == Network::Variant::MaskedAutoencoder;
      for (const Trainers::Stage& stage : isEncoder ? std::vector<Trainers::Stage>() : config.GetStages())
      {
        Json::Value item;
        item["input_size"] = Json::Int64{stage.inputSize};
        item["steps"] = Json::UInt64{stage.steps};
        run["stages"].append(item);
      }
      // MaskedTrainer has no mixed precision: the configuration's is of co-training.
      run["precision"] = config.training.useBFloat16 && !isEncoder ? "bf16" : "fp32";
      run["device"] = facts.device;
      run["threads"] = facts.threads;
      run["seconds"] = facts.seconds;
      run["from"] = facts.origin;
      return run;
    }
  }

  Weights::ModelCard MakeTrainedCard(const TrainedCardFacts& facts, const RunConfig& config)
  {
    Weights::ModelCard card(facts.name, facts.network);
    card.Set("training_data", facts.data);
    card.Set("dataset_hash", facts.data["hash"].isString()
                               ? facts.data["hash"]
                               : Json::Value(Protocol::Sha256::OfText(Protocol::WriteCompactJson(facts.data))));
    card.Set("run", DescribeRun(facts, config));
    SetTrainedOn(card);
    Json::Value preprocessing;
    preprocessing["framing"] = config.GetFramingName();
    preprocessing["mean"] = Preprocess::INTENSITY_MEAN;
    preprocessing["deviation"] = Preprocess::INTENSITY_DEVIATION;
    card.Set("preprocessing", preprocessing);
    card.Set("metrics", Json::Value(Json::objectValue));
    card.Set("threshold", config.threshold);
    card.Set("minimum_tumour_area_mm2", config.minimumAreaMm2);
    return card;
  }

  void SetTrainedOn(Weights::ModelCard& card)
  {
    const Json::Value data = card.GetJson()["training_data"];  // a copy, because the card changes
    if (card.GetNetwork().variant == Network::Variant::MaskedAutoencoder)
    {
      SetOfEncoder(card, data);
    }
    else if (CountCases(data).phantoms > 0)
    {
      SetOfPhantoms(card);
    }
    else
    {
      SetOfPatients(card, data);
    }
  }

  Json::Value DescribeOrigin(const Weights::ModelCard& card)
  {
    Json::Value origin;
    for (const char* field : {"name", "weights_sha256", "input_size", "training_data", "run"})
    {
      origin[field] = card.GetJson()[field];
    }
    if (!card.GetMembers().empty())
    {
      origin["member"] = card.GetMembers().front().folder;
    }
    return origin;
  }

  void RefuseOtherContrast(const Json::Value& card, Data::Contrast contrast)
  {
    const Json::Value& data = card["training_data"];
    const std::string trained = data.isObject() ? data.get("contrast", "T2w").asString() : "T2w";
    if (trained != Data::ToString(contrast))
    {
      throw Error(ErrorCode::BadInput,
                  "The model was trained on " + trained + ", the data set is of " + Data::ToString(contrast));
    }
  }
}
