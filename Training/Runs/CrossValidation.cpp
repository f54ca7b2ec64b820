// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/CrossValidation.h"

#include "Inference/Network/Axes.h"
#include "Inference/Predict/EnsembleBackend.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Training/Data/SubsetSource.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Folds/LeakageCheck.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LoadSlices.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr const char* OUTCOMES = "outcomes.json";
    constexpr const char* EXTERNAL = "external.json";
    constexpr const char* METRICS = "metrics.json";

    Folds::PatientFolds MakeFolds(const Data::BidsCaseSource& source, const RunConfig& config)
    {
      std::vector<Folds::FoldPatient> patients;
      for (std::size_t i = 0; i < source.GetCount(); i++)
      {
        const Data::BidsSubject& subject = source.GetSubject(i);
        if (subject.genotype)
        {
          const auto site = subject.columns.find("site");
          patients.push_back({subject.id, *subject.genotype == Network::GENOTYPE_ALTERED,
                              site == subject.columns.end() ? std::string() : site->second});
        }
      }
      return Folds::PatientFolds::Make(std::move(patients), config.folds, config.seed);
    }

    std::optional<Data::BidsCaseSource> OpenExternal(const std::shared_ptr<const Data::BidsFolder>& bids)
    {
      const std::vector<Data::BidsSubject>& subjects = bids->GetSubjects();
      const bool hasExternal = std::any_of(subjects.begin(), subjects.end(), [](const Data::BidsSubject& subject)
      { return subject.split == "external" && subject.mask; });
      return hasExternal ? std::optional<Data::BidsCaseSource>(std::in_place, bids, "external") : std::nullopt;
    }

    Json::Value MakeManifest(const Json::Value& data, const std::optional<Data::BidsCaseSource>& external,
                             const Folds::PatientFolds& folds)
    {
      Json::Value manifest;
      manifest["data"] = data;
      manifest["external"] = external ? external->Describe() : Json::Value();
      manifest["folds"] = folds.ToJson();
      return manifest;
    }

    Json::Value MakeKind(const RunConfig& config)
    {
      Json::Value json = config.ToJson();
      json["kind"] = "cross-validate";
      return json;
    }

    Predict::BackendOptions MakeBackendOptions(unsigned int threads)
    {
      Predict::BackendOptions options;
      options.threads = threads;
      return options;
    }

    std::vector<Evaluation::CaseOutcome> Evaluate(const Data::ICaseSource& source, Predict::IBackend& backend,
                                                  const Predict::LoadedEngine& engine)
    {
      Predict::StudyPredictor predictor(backend, engine.framing);
      Predict::ScoreRules rules = engine.rules;
      rules.hasSegmentation = backend.GetInfo().hasSegmentation;
      return Evaluation::HeldOutEvaluation::Run(source, predictor, rules, [](std::size_t) {}).GetOutcomes();
    }
  }

  CrossValidation::CrossValidation(CrossValidationRequest request, EventSink onEvent) :
    request_(std::move(request)),
    onEvent_(std::move(onEvent)),
    bids_(std::make_shared<Data::BidsFolder>(request_.dataset, request_.config.contrast)),
    development_(bids_, "development"),
    external_(OpenExternal(bids_)),
    folds_(MakeFolds(development_, request_.config)),
    data_(development_.Describe()),
    folder_(request_.folder, MakeKind(request_.config), MakeManifest(data_, external_, folds_), request_.resumes)
  {
  }

  std::filesystem::path CrossValidation::GetFoldPath(std::size_t fold) const
  {
    return request_.folder / ("fold-" + std::to_string(fold + 1));
  }

  std::vector<std::size_t> CrossValidation::SelectHeldOut(std::size_t fold) const
  {
    const std::vector<std::string> patients = folds_.GetHeldOut(fold);
    std::vector<std::size_t> cases;
    for (std::size_t i = 0; i < development_.GetCount(); i++)
    {
      if (std::binary_search(patients.begin(), patients.end(), development_.GetSubject(i).id))
      {
        cases.push_back(i);
      }
    }
    return cases;
  }

  const Data::SliceDataset& CrossValidation::GetSlices()
  {
    if (!slices_)
    {
      slices_ = LoadSlices(development_, request_.config, request_.threads, onEvent_);
    }
    return *slices_;
  }

  void CrossValidation::TellUnit(const std::string& unit, const char* state) const
  {
    Json::Value event;
    event["event"] = "unit";
    event["unit"] = unit;
    event["state"] = state;
    folder_.AppendEvent(event);
    onEvent_(event);
  }

  void CrossValidation::RunFold(std::size_t fold)
  {
    const std::filesystem::path path = GetFoldPath(fold);
    const std::vector<std::size_t> heldOut = SelectHeldOut(fold);
    std::vector<bool> trains(development_.GetCount(), true);
    std::vector<std::string> trainingIds;
    std::vector<std::string> heldOutIds;
    for (const std::size_t index : heldOut)
    {
      trains[index] = false;
    }
    for (std::size_t i = 0; i < trains.size(); i++)
    {
      (trains[i] ? trainingIds : heldOutIds).push_back(development_.GetSubject(i).id);
    }
    Folds::RefuseSharedPatients(trainingIds, heldOutIds);

    // Each fold draws its own weights and batches.
    RunConfig config = request_.config;
    config.seed += fold + 1;
    config.training.batch.seed = config.seed;
    Json::Value data = data_;
    for (const std::string& id : heldOutIds)
    {
      data["images"].removeMember(id);
    }
    data["count"] = Json::UInt64{trainingIds.size()};
    data["fold"] = Json::UInt64{fold + 1};
    const RunFolder folder(path, config.ToJson(), data, true);
    const ModelTraining training{path.filename().string(), config, data, request_.threads};
    training.Run(GetSlices().Select(trains), StartingPoint::Draw(config), folder, path, onEvent_);

    const auto engine = Predict::LoadedEngine::Load(path, MakeBackendOptions(request_.threads));
    if (external_)
    {
      WriteJsonFile(path / EXTERNAL, Evaluation::WriteOutcomes(Evaluate(*external_, *engine.backend, engine)));
    }
    // Last: where it stands, the fold is finished.
    const Data::SubsetSource source(development_, heldOut);
    WriteJsonFile(path / OUTCOMES, Evaluation::WriteOutcomes(Evaluate(source, *engine.backend, engine)));
  }

  std::vector<Evaluation::CaseOutcome> CrossValidation::EvaluateEnsemble()
  {
    std::vector<std::unique_ptr<Predict::IBackend>> members;
    Predict::LoadedEngine first;
    for (std::size_t fold = 0; fold < folds_.GetCount(); fold++)
    {
      auto engine = Predict::LoadedEngine::Load(GetFoldPath(fold), MakeBackendOptions(request_.threads));
      members.push_back(std::move(engine.backend));
      if (fold == 0)
      {
        first.framing = engine.framing;
        first.rules = engine.rules;
      }
    }
    Predict::EnsembleBackend ensemble(std::move(members));
    return Evaluate(*external_, ensemble, first);
  }

  Json::Value CrossValidation::Summarise()
  {
    const double threshold = request_.config.threshold;
    Json::Value metrics;
    metrics["protocols"] = "automatic; oracle (the paper's) inside each";
    metrics["folds"] = Json::Value(Json::arrayValue);
    std::vector<Evaluation::CaseOutcome> all;
    for (std::size_t fold = 0; fold < folds_.GetCount(); fold++)
    {
      const auto outcomes = Evaluation::ReadOutcomes(ReadJsonFile(GetFoldPath(fold) / OUTCOMES));
      Json::Value entry;
      entry["fold"] = Json::UInt64{fold + 1};
      entry["internal"] = Evaluation::HeldOutEvaluation(outcomes).Summarise(threshold);
      if (external_)
      {
        const auto external = Evaluation::ReadOutcomes(ReadJsonFile(GetFoldPath(fold) / EXTERNAL));
        entry["external"] = Evaluation::HeldOutEvaluation(external).Summarise(threshold);
      }
      metrics["folds"].append(entry);
      all.insert(all.end(), outcomes.begin(), outcomes.end());
    }
    metrics["out_of_fold"] = Evaluation::HeldOutEvaluation(std::move(all)).Summarise(threshold);
    metrics["external"] = Json::Value();
    if (external_)
    {
      const auto outcomes = Evaluation::ReadOutcomes(ReadJsonFile(request_.folder / EXTERNAL));
      metrics["external"] = Evaluation::HeldOutEvaluation(outcomes).Summarise(threshold);
    }
    return metrics;
  }

  Json::Value CrossValidation::Run()
  {
    for (std::size_t fold = 0; fold < folds_.GetCount(); fold++)
    {
      const std::string unit = GetFoldPath(fold).filename().string();
      if (std::filesystem::exists(GetFoldPath(fold) / OUTCOMES))
      {
        TellUnit(unit, "was finished");
        continue;
      }
      TellUnit(unit, "started");
      RunFold(fold);
      TellUnit(unit, "finished");
    }
    slices_.reset();
    if (external_ && !std::filesystem::exists(request_.folder / EXTERNAL))
    {
      WriteJsonFile(request_.folder / EXTERNAL, Evaluation::WriteOutcomes(EvaluateEnsemble()));
    }
    const Json::Value metrics = Summarise();
    WriteJsonFile(request_.folder / METRICS, metrics);
    return metrics;
  }
}
