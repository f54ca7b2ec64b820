// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/Ablation.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StoredNames.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/EncoderTraining.h"
#include "Training/Runs/EnsembleModel.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/ModelComparison.h"
#include "Training/Runs/OutcomeMakers.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/StartFit.h"

#include <utility>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    std::string GetEnsembleName(const AblationRequest& request, const AblationModel& model)
    {
      return request.name + "-" + model.GetName();
    }

    // The card of a pre-trained model names its patients twice where each fold has its own encoder.
    Json::Value RequireCards(Json::Value origin, const AblationRequest& request, const FoldedData& data)
    {
      Json::Value start = origin;
      if (start.isNull())
      {
        start["training_data"] = data.Describe();
      }
      CheckEnsembleCard(request.config, GetEnsembleName(request, ABLATION_MODELS.back()), data.Describe(), start);
      return origin;
    }
  }

  Json::Value ReadEncoder(const std::filesystem::path& encoder, const FoldedData& data)
  {
    if (encoder.empty())
    {
      return {};
    }
    const auto card = Weights::ModelCard::Load(encoder / Weights::ModelPackage::CARD_FILE);
    RequireEncoderFit(card, data.GetConfig().network);
    return data.DescribeStart(encoder);
  }

  std::string AblationModel::GetName() const
  {
    return Protocol::StoredNames::PART_PREFIX + std::to_string(number);
  }

  Ablation::Ablation(FoldedData& data, AblationRequest request, EventSink onEvent) :
    data_(data),
    request_(std::move(request)),
    onEvent_(std::move(onEvent)),
    origin_(RequireCards(ReadEncoder(request_.encoder, data), request_, data)),
    folder_(request_.folder, request_.config.ToJson("ablate"), data.MakeManifest("encoder", origin_), request_.resumes)
  {
  }

  void Ablation::Tell(Json::Value event, const std::string& unit) const
  {
    const std::string inner = event["unit"].asString();
    event["unit"] = inner.empty() ? unit : unit + "/" + inner;
    folder_.AppendEvent(event);
    onEvent_(event);
  }

  std::size_t Ablation::CountEncoders() const
  {
    return request_.encoder.empty() ? data_.CountFolds() : 0;
  }

  std::size_t Ablation::CountUnits() const
  {
    return CountEncoders() + ABLATION_MODELS.size() * data_.CountFolds();
  }

  std::filesystem::path Ablation::GetEncoderPath(std::size_t fold) const
  {
    return request_.folder / ("encoder-" + GetFoldName(fold));
  }

  std::string Ablation::GetUnitName(std::size_t unit) const
  {
    if (unit < CountEncoders())
    {
      return GetEncoderPath(unit).filename().string();
    }
    const std::size_t index = unit - CountEncoders();
    return ABLATION_MODELS.at(index / data_.CountFolds()).GetName() + "/" + GetFoldName(index % data_.CountFolds());
  }

  StartingPoint Ablation::MakeStart(const AblationModel& model, std::size_t fold, const RunConfig& config) const
  {
    if (!model.isPretrained)
    {
      return StartingPoint::Draw(config);
    }
    const std::filesystem::path encoder = request_.encoder.empty() ? GetEncoderPath(fold) : request_.encoder;
    if (!std::filesystem::exists(encoder / Weights::ModelPackage::CARD_FILE))
    {
      throw Error(ErrorCode::Conflict, "The unit " + GetUnitName(fold) + " must be run before");
    }
    return StartingPoint::FromModel(encoder, config);
  }

  CrossValidation Ablation::MakeValidation(const AblationModel& model) const
  {
    CrossValidationRequest request;
    request.config = request_.config;
    request.config.network.variant = model.variant;
    if (!model.isPretrained)
    {
      request.config.training.freezeEncoderSteps = 0;  // it would hold a backbone of random weights
    }
    request.folder = request_.folder / model.GetName();
    request.name = GetEnsembleName(request_, model);
    request.backend = request_.backend;
    request.resumes = true;  // its folder lies inside this run's, which was checked
    request.origin = !model.isPretrained        ? Json::Value()
                     : request_.encoder.empty() ? Json::Value("encoder-fold-K")
                                                : origin_;
    request.start = [this, &model](std::size_t fold, const RunConfig& config)
    { return MakeStart(model, fold, config); };
    return {data_, std::move(request), [this, &model](const Json::Value& event) { Tell(event, model.GetName()); }};
  }

  void Ablation::RunEncoder(std::size_t fold)
  {
    const std::filesystem::path path = GetEncoderPath(fold);
    const std::string unit = path.filename().string();
    Json::Value event;
    event["event"] = "unit";
    if (std::filesystem::exists(path / Weights::ModelPackage::CARD_FILE))
    {
      event["state"] = "was finished";
      Tell(event, unit);
      return;
    }
    event["state"] = "started";
    Tell(event, unit);
    const FoldSplit split = data_.Split(fold);
    RunConfig config = request_.config;
    config.SetSeed(config.seed + fold + 1);
    const RunFolder folder(path, config.ToJson(), split.trainingData, true);
    const Data::SliceDataset& slices = data_.GetSlices(onEvent_);
    std::vector<bool> isHeldOut = split.trains;
    isHeldOut.flip();
    const Data::SliceDataset unseen = slices.Select(isHeldOut);
    const EncoderTraining training{unit, config, split.trainingData, request_.backend, nullptr, &unseen};
    training.Run(slices.Select(split.trains), folder, path,
                 [this, &unit](const Json::Value& step) { Tell(step, unit); });
    event["state"] = "finished";
    Tell(event, unit);
  }

  void Ablation::RunUnit(std::size_t unit)
  {
    const std::size_t folds = data_.CountFolds();
    if (folds == 0 || unit >= CountUnits())
    {
      throw Error(ErrorCode::BadInput, "There are only " + std::to_string(CountUnits()) + " units, 0 to " +
                                         std::to_string(CountUnits() - 1));
    }
    if (unit < CountEncoders())
    {
      RunEncoder(unit);
      return;
    }
    const std::size_t index = unit - CountEncoders();
    MakeValidation(ABLATION_MODELS[index / folds]).RunUnit(index % folds);
  }

  Json::Value Ablation::Finish()
  {
    std::vector<ComparedModel> outOfFold;
    std::vector<ComparedModel> external;
    OutcomeMakers makers;
    Json::Value metrics;
    for (const AblationModel& model : ABLATION_MODELS)
    {
      CrossValidation validation = MakeValidation(model);
      Json::Value entry;
      entry["number"] = Json::UInt64{model.number};
      entry["name"] = model.GetName();
      entry["variant"] = std::string(Network::ToString(model.variant));
      entry["pretrained"] = model.isPretrained;
      entry["metrics"] = validation.Finish();
      makers.AddAll(model.GetName(), entry["metrics"]["measured_with"]);
      metrics["models"].append(entry);
      const bool hasSegmentation = Network::HasSegmentation(model.variant);
      outOfFold.push_back({model.GetName(), hasSegmentation, validation.ReadOutOfFold()});
      external.push_back({model.GetName(), hasSegmentation, validation.ReadExternal()});
    }
    const double threshold = request_.config.threshold;
    metrics["comparisons"]["out_of_fold"] = CompareModels(std::move(outOfFold), threshold);
    metrics["comparisons"]["external"] =
      data_.GetExternal() == nullptr ? Json::Value() : CompareModels(std::move(external), threshold);
    metrics["measured_with"] = makers.ToJson();
    metrics["remarks"] = makers.MakeRemarks();
    data_.WritePatients(request_.folder);
    WriteJsonFile(request_.folder / METRICS_FILE, metrics);
    return metrics;
  }

  Json::Value Ablation::Run()
  {
    for (std::size_t unit = 0; unit < CountUnits(); unit++)
    {
      RunUnit(unit);
    }
    return Finish();
  }
}
