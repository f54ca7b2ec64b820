// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/CrossValidation.h"

#include "Inference/Predict/TorchDevice.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StoredNames.h"
#include "Inference/Weights/ModelPackage.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Data/SubsetSource.h"
#include "Training/Evaluation/AurocWithinFolds.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/EnsembleModel.h"
#include "Training/Runs/FeatureMaps.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LearnInputs.h"
#include "Training/Runs/Lineage.h"
#include "Training/Runs/LoadSlices.h"
#include "Training/Runs/OutcomeMakers.h"
#include "Training/Runs/OutcomesFile.h"
#include "Training/Runs/PromotionGate.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/SaliencyMaps.h"
#include "Training/Trainers/TrainingDevice.h"

#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr const char* MODEL = Protocol::StoredNames::MODEL_FOLDER;
    constexpr const char* WEIGHTS_SHA256 = "weights_sha256";  // in maker.json: of the ensemble that was measured

    torch::Device ChooseDevice(const Predict::BackendOptions& backend)
    {
      return Predict::TorchDevice::Choose(backend.device).device;
    }

    // Before a folder is made.
    CrossValidationRequest RequireSound(CrossValidationRequest request, const FoldedData& data)
    {
      if (request.origin.isNull())
      {
        request.config.RefuseFrozenEncoder();
      }
      CheckEnsembleCard(request.config, request.name, data.Describe(), request.origin);
      return request;
    }

    // Null in a folder of an earlier release.
    Json::Value ReadMaker(const std::filesystem::path& folder)
    {
      return std::filesystem::exists(folder / MAKER_FILE) ? ReadJsonFile(folder / MAKER_FILE) : Json::Value();
    }
  }

  void CrossValidationRequest::StartFrom(const std::filesystem::path& from, const FoldedData& data)
  {
    origin = data.DescribeStart(from);
    start = [from](std::size_t, const RunConfig& own) { return StartingPoint::FromModel(from, own); };
  }

  CrossValidation::CrossValidation(FoldedData& data, CrossValidationRequest request, EventSink onEvent) :
    data_(data),
    request_(RequireSound(std::move(request), data)),
    onEvent_(std::move(onEvent)),
    folder_(request_.folder, request_.config.ToJson("cross-validate"), data.MakeManifest("from", request_.origin),
            request_.resumes)
  {
  }

  std::filesystem::path CrossValidation::GetFoldPath(std::size_t fold) const
  {
    return request_.folder / GetFoldName(fold);
  }

  bool CrossValidation::IsFinished(std::size_t fold) const
  {
    return std::filesystem::exists(GetFoldPath(fold) / OUTCOMES_FILE);
  }

  void CrossValidation::Tell(const Json::Value& event) const
  {
    folder_.AppendEvent(event);
    onEvent_(event);
  }

  void CrossValidation::TellUnit(std::size_t fold, const char* state) const
  {
    Json::Value event;
    event["event"] = "unit";
    event["unit"] = GetFoldPath(fold).filename().string();
    event["state"] = state;
    Tell(event);
  }

  std::size_t CrossValidation::CountUnits() const
  {
    return data_.CountFolds();
  }

  std::string CrossValidation::GetUnitName(std::size_t unit) const
  {
    return GetFoldName(unit);
  }

  void CrossValidation::RunUnit(std::size_t fold)
  {
    if (fold >= CountUnits())
    {
      throw Error(ErrorCode::BadInput, "There are only " + std::to_string(CountUnits()) + " units, 0 to " +
                                         std::to_string(CountUnits() - 1));
    }
    if (IsFinished(fold))
    {
      TellUnit(fold, "was finished");
      return;
    }
    TellUnit(fold, "started");
    const FoldSplit split = data_.Split(fold);
    TrainFold(fold, split);
    MeasureFold(fold, split);
    TellUnit(fold, "finished");
  }

  void CrossValidation::TrainFold(std::size_t fold, const FoldSplit& split) const
  {
    const std::filesystem::path path = GetFoldPath(fold);
    RunConfig config = request_.config;
    config.SetSeed(config.seed + fold + 1);  // each fold draws its own weights and batches
    const StartingPoint start = request_.start ? request_.start(fold, config) : StartingPoint::Draw(config);
    const RunFolder folder(path, config.ToJson(), split.trainingData, true);
    const ModelTraining training{path.filename().string(), config, split.trainingData, request_.backend};
    // One log of the whole run, from which curves are drawn, beside each fold's own.
    const EventSink sink = [this, &path](const Json::Value& event)
    {
      Json::Value named = event;
      named["unit"] = path.filename().string();
      Tell(named);
    };
    training.Run(data_.GetSlices(onEvent_).Select(split.trains), start, folder, path, sink);
  }

  void CrossValidation::MeasureFold(std::size_t fold, const FoldSplit& split) const
  {
    const std::filesystem::path path = GetFoldPath(fold);
    const Data::SubsetSource heldOut(data_.GetDevelopment(), split.heldOut);
    const Predict::BackendOptions backend = Evaluation::ChooseSoundOptions(path, request_.backend);
    const auto outcomes = Evaluation::EvaluateModel(heldOut, path, backend);
    LearnInputs(path, data_.GetSlices(onEvent_).Select(split.trains), outcomes, ChooseDevice(request_.backend));
    if (const Data::ICaseSource* const external = data_.GetExternal())
    {
      WriteJsonFile(path / EXTERNAL_FILE,
                    Evaluation::WriteOutcomes(Evaluation::EvaluateModel(*external, path, backend)));
    }
    if (fold == 0)
    {
      LookInside(fold, split);
    }
    WriteJsonFile(path / MAKER_FILE, OutcomeMakers::Describe(backend));
    // Last: where it stands, the fold is finished.
    WriteJsonFile(path / OUTCOMES_FILE, Evaluation::WriteOutcomes(outcomes));
  }

  // What the network makes of slices that it has not seen: figures of a report, not measurements.
  void CrossValidation::LookInside(std::size_t fold, const FoldSplit& split) const
  {
    const std::filesystem::path path = GetFoldPath(fold);
    const auto package = Weights::ModelPackage::Open(path);
    Network::GenotypeNet network(package.GetCard().GetNetwork());
    package.GetWeights().CopyInto(*network);
    Trainers::MoveTo(*network, ChooseDevice(request_.backend));
    std::vector<bool> isHeldOut = split.trains;
    isHeldOut.flip();
    const Data::SliceDataset heldOut = data_.GetSlices(onEvent_).Select(isHeldOut);
    SaveSaliencyMaps(path / SALIENCY_FILE, network, heldOut,
                     [this](std::size_t index) { return data_.GetPatient(index); });
    Json::Value drawn;
    drawn["internal"] = MakeFeatureMap(network, heldOut, request_.config.seed);
    if (const Data::ICaseSource* const external = data_.GetExternal())
    {
      const Data::SliceDataset slices = LoadSlices(*external, request_.config, request_.backend.threads, onEvent_);
      drawn["external"] = MakeFeatureMap(network, slices, request_.config.seed);
      SaveErrorSlices(path / ERROR_SLICES_FILE, network, slices, ReadOutcomesFile(path / EXTERNAL_FILE),
                      request_.config.threshold);
    }
    WriteJsonFile(path / FEATURE_MAPS_FILE, drawn);
  }

  void CrossValidation::EvaluateEnsemble(const std::string& weightsSha256) const
  {
    const Data::ICaseSource* const external = data_.GetExternal();
    const std::filesystem::path file = request_.folder / EXTERNAL_FILE;
    if (external == nullptr ||
        (std::filesystem::exists(file) && ReadMaker(request_.folder)[WEIGHTS_SHA256] == weightsSha256))
    {
      return;
    }
    const auto backend = Evaluation::ChooseSoundOptions(request_.folder / MODEL, request_.backend);
    const auto outcomes = Evaluation::EvaluateModel(*external, request_.folder / MODEL, backend);
    // Those of another ensemble first: beside the new maker they would be taken for this one's.
    std::filesystem::remove(file);
    Json::Value maker = OutcomeMakers::Describe(backend);
    maker[WEIGHTS_SHA256] = weightsSha256;
    WriteJsonFile(request_.folder / MAKER_FILE, maker);
    WriteJsonFile(file, Evaluation::WriteOutcomes(outcomes));
  }

  std::vector<Evaluation::CaseOutcome> CrossValidation::ReadOutOfFold() const
  {
    std::vector<Evaluation::CaseOutcome> all;
    for (std::size_t fold = 0; fold < data_.CountFolds(); fold++)
    {
      const auto outcomes = ReadOutcomesFile(GetFoldPath(fold) / OUTCOMES_FILE);
      all.insert(all.end(), outcomes.begin(), outcomes.end());
    }
    return all;
  }

  std::vector<Evaluation::CaseOutcome> CrossValidation::ReadExternal() const
  {
    return data_.GetExternal() == nullptr ? std::vector<Evaluation::CaseOutcome>()
                                          : ReadOutcomesFile(request_.folder / EXTERNAL_FILE);
  }

  Json::Value CrossValidation::Summarise() const
  {
    const double threshold = request_.config.threshold;
    const auto Measure = [threshold](std::vector<Evaluation::CaseOutcome> outcomes)
    { return Evaluation::HeldOutEvaluation(std::move(outcomes)).Summarise(threshold); };
    const bool hasExternal = data_.GetExternal() != nullptr;
    Json::Value metrics;
    metrics["protocols"] = "automatic; oracle (the paper's) inside each";
    metrics["folds"] = Json::Value(Json::arrayValue);
    std::vector<std::vector<Evaluation::CaseOutcome>> heldOut;
    for (std::size_t fold = 0; fold < data_.CountFolds(); fold++)
    {
      Json::Value entry;
      entry["fold"] = Json::UInt64{fold + 1};
      heldOut.push_back(ReadOutcomesFile(GetFoldPath(fold) / OUTCOMES_FILE));
      entry["internal"] = Measure(heldOut.back());
      entry["external"] = hasExternal ? Measure(ReadOutcomesFile(GetFoldPath(fold) / EXTERNAL_FILE)) : Json::Value();
      metrics["folds"].append(entry);
    }
    metrics["out_of_fold"] = Measure(ReadOutOfFold());
    Evaluation::AddAurocWithinFolds(metrics["out_of_fold"], heldOut);
    metrics["external"] = hasExternal ? Measure(ReadExternal()) : Json::Value();
    AddMakers(metrics);
    return metrics;
  }

  void CrossValidation::AddMakers(Json::Value& metrics) const
  {
    OutcomeMakers makers;
    for (std::size_t fold = 0; fold < data_.CountFolds(); fold++)
    {
      makers.Add(GetFoldName(fold), ReadMaker(GetFoldPath(fold)));
    }
    metrics["remarks"] = makers.MakeRemarks();  // before the ensemble, whose patients are ranked by themselves
    if (data_.GetExternal() != nullptr)
    {
      makers.Add("ensemble", ReadMaker(request_.folder));
    }
    metrics["measured_with"] = makers.ToJson();
  }

  Weights::ModelCard CrossValidation::MakeModel(const Json::Value& metrics) const
  {
    std::vector<std::filesystem::path> members;
    members.reserve(data_.CountFolds());
    for (std::size_t fold = 0; fold < data_.CountFolds(); fold++)
    {
      members.push_back(GetFoldPath(fold));
    }
    return WriteEnsemble(request_.folder / MODEL, members,
                         {request_.name, request_.config.seed, data_.Describe(), metrics});
  }

  Json::Value CrossValidation::JudgeGate() const
  {
    const RunConfig& config = request_.config;
    const auto backend = Evaluation::ChooseSoundOptions(request_.baseline, request_.backend);
    const PromotionGate gate{request_.baseline, config.gateMargin, config.gateMinimumPatients, backend};
    Json::Value judged = gate.Judge(data_.GetExternal(), ReadExternal());
    if (judged["comparison"].isObject())
    {
      OutcomeMakers makers;
      makers.Add("candidate", ReadMaker(request_.folder));
      makers.Add("baseline", OutcomeMakers::Describe(backend));
      judged["measured_with"] = makers.ToJson();
      judged["remarks"] = makers.MakeRemarks();
    }
    if (config.control != "none")
    {
      judged["passed"] = false;
      judged["reason"] = "it is a control with shuffled labels, no candidate";
    }
    return judged;
  }

  Json::Value CrossValidation::Finish()
  {
    std::string missing;
    for (std::size_t fold = 0; fold < data_.CountFolds(); fold++)
    {
      if (!IsFinished(fold))
      {
        missing.append(" ").append(GetFoldPath(fold).filename().string());
      }
    }
    if (!missing.empty())
    {
      throw Error(ErrorCode::Conflict, "Not finished yet in " + request_.folder.string() + ":" + missing);
    }
    data_.DropSlices();
    const Weights::ModelCard model = MakeModel({});
    EvaluateEnsemble(model.GetWeightsSha256());
    Json::Value metrics = Summarise();
    metrics["learned_from"] = DescribeLineage(model.GetJson());
    data_.WritePatients(request_.folder);
    WriteJsonFile(request_.folder / METRICS_FILE, metrics);
    // Again, with what is known now: whoever has the model has its figures.
    MakeModel(metrics);
    if (!request_.baseline.empty())
    {
      metrics["gate"] = JudgeGate();
      WriteJsonFile(request_.folder / METRICS_FILE, metrics);
      const std::filesystem::path path = request_.folder / MODEL / Weights::ModelPackage::CARD_FILE;
      auto card = Weights::ModelCard::Load(path);
      card.Set("gate", metrics["gate"]);
      card.Save(path);
    }
    return metrics;
  }

  Json::Value CrossValidation::Run()
  {
    for (std::size_t unit = 0; unit < CountUnits(); unit++)
    {
      RunUnit(unit);
    }
    return Finish();
  }
}
