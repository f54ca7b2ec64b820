// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/EnsembleModel.h"

#include "Inference/Protocol/CardFaults.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/TrainedCard.h"

#include <cstddef>
#include <set>
#include <system_error>

namespace H3K27M::Runs
{
  namespace
  {
    // Bytes of metrics, gate and up to a hundred members.
    constexpr std::size_t ROOM_FOR_RESULTS = 64 << 10;

    void Link(const std::filesystem::path& source, const std::filesystem::path& target)
    {
      std::error_code error;
      std::filesystem::remove(target, error);
      std::filesystem::create_hard_link(source, target, error);
      if (error &&
          !std::filesystem::copy_file(source, target, std::filesystem::copy_options::overwrite_existing, error))
      {
        throw Error(ErrorCode::Unavailable, "Cannot write " + target.string() + ": " + error.message());
      }
    }

    void TakeMember(const std::filesystem::path& source, const std::filesystem::path& target)
    {
      std::error_code error;
      std::filesystem::create_directories(target, error);
      for (const char* file : {Weights::ModelPackage::WEIGHTS_FILE, Weights::ModelPackage::CARD_FILE})
      {
        Link(source / file, target / file);
      }
    }

    // What the runs of all members come to, whose folds may have been trained on several machines.
    struct RunTotals
    {
      double seconds = 0;
      std::set<std::string> devices;

      void Add(const Json::Value& run)
      {
        if (run.isObject())
        {
          seconds += run["seconds"].asDouble();
          devices.insert(run["device"].asString());
        }
      }

      void WriteInto(Json::Value& run) const
      {
        run["seconds"] = seconds;
        std::string names;
        for (const std::string& device : devices)
        {
          names += (names.empty() ? "" : ", ") + device;
        }
        run["device"] = names;
      }
    };

    // Of the ensemble as a whole; what is known of one fold alone stays in that fold's card.
    Json::Value ChooseMetrics(const Json::Value& metrics)
    {
      if (metrics.isNull())
      {
        return Json::objectValue;
      }
      Json::Value chosen = metrics["external"].isNull() ? metrics["out_of_fold"] : metrics["external"];
      chosen["of"] = metrics["external"].isNull() ? "each patient by the network that has not seen the patient"
                                                  : "the ensemble on external patients";
      return chosen;
    }
  }

  void CheckEnsembleCard(const RunConfig& config, const std::string& name, const Json::Value& data,
                         const Json::Value& origin)
  {
    TrainedCardFacts facts;
    facts.name = name;
    facts.network = config.network;
    facts.data = data;
    facts.origin = origin;
    MakeTrainedCard(facts, config).CheckSize(ROOM_FOR_RESULTS);
  }

  Weights::ModelCard WriteEnsemble(const std::filesystem::path& folder,
                                   const std::vector<std::filesystem::path>& members, const EnsembleFacts& facts)
  {
    if (members.empty())
    {
      throw Error(ErrorCode::BadInput, "An ensemble needs a model");
    }
    Json::Value card;
    Json::Value list(Json::arrayValue);
    RunTotals totals;
    for (const std::filesystem::path& member : members)
    {
      Weights::ModelPackage::Settle(member);  // its two files are taken as they are
      const auto own = Weights::ModelCard::Load(member / Weights::ModelPackage::CARD_FILE);
      if (card.isNull())
      {
        card = own.GetJson();
      }
      for (const char* field : {"variant", "input_size", "width", "preprocessing"})
      {
        if (card[field] != own.GetJson()[field])
        {
          throw Error(ErrorCode::BadInput, std::string("The models of an ensemble differ in their ") + field);
        }
      }
      Json::Value entry;
      entry["folder"] = member.filename().string();
      entry["weights_sha256"] = own.GetWeightsSha256();
      list.append(entry);
      totals.Add(own.GetJson()["run"]);
      TakeMember(member, folder / member.filename());
    }
    card["name"] = facts.name;
    card["members"] = list;
    card["weights_sha256"] = Protocol::HashMembers(list);
    card["training_data"] = facts.data;
    card["dataset_hash"] = facts.data["hash"];
    if (card["run"].isObject())
    {
      card["run"]["config"]["seed"] = Json::UInt64{facts.seed};
      totals.WriteInto(card["run"]);
    }
    card["metrics"] = ChooseMetrics(facts.metrics);
    Weights::ModelCard whole = Weights::ModelCard::Parse(card);
    SetTrainedOn(whole);  // the first member has not seen its own fold's patients, or phantoms
    whole.Set("trained_on", whole.GetJson()["trained_on"].asString() + "; " + std::to_string(members.size()) +
                              " networks, each without one fold of the patients, answer together");
    whole.Save(folder / Weights::ModelPackage::CARD_FILE);
    return whole;
  }
}
