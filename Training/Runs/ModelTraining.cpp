// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ModelTraining.h"

#include "Inference/Predict/TorchDevice.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/RunAgreement.h"
#include "Training/Runs/RunClock.h"
#include "Training/Runs/StartFit.h"
#include "Training/Runs/StepSummary.h"
#include "Training/Runs/TrainedCard.h"
#include "Training/Runs/TrainingEvents.h"
#include "Training/Trainers/EncoderTransfer.h"
#include "Training/Trainers/InputResize.h"
#include "Training/Trainers/PoolClassLayer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    Json::Value DescribeResume(const Trainers::Checkpoint& checkpoint)
    {
      Json::Value event;
      event["event"] = "resumed";
      event["stage"] = Json::UInt64{checkpoint.GetPosition().stage + 1};
      event["step"] = Json::UInt64{checkpoint.GetPosition().step};
      return event;
    }

    // Tells every so many steps, and keeps checkpoints in the folder. All arguments must outlive it.
    Trainers::StageObserver MakeObserver(const RunConfig& config, const RunFolder& folder, const RunClock& clock,
                                         StepSummary& summary, const EventSink& tell)
    {
      Trainers::StageObserver observer;
      observer.checkpointSteps = config.checkpointSteps;
      observer.identity = folder.GetIdentity();
      observer.onStep = [&summary, &tell](const Trainers::Stage& stage, const Trainers::StepReport& step)
      {
        if (!std::isfinite(step.gradientNorm))
        {
          tell(MakeLeftOutEvent(step.step));
        }
        if (const std::optional<Json::Value> event = summary.Add(stage, step))
        {
          tell(*event);
        }
      };
      observer.onCheckpoint = [&folder, &clock](const Trainers::Checkpoint& checkpoint)
      { checkpoint.Save(folder.GetCheckpointPath(), clock.GetSeconds()); };
      return observer;
    }

    // A size may come twice, with a rate that is lower the second time: each of its stages has a folder of its own.
    std::string GetStageFolder(const std::vector<Trainers::Stage>& stages, const Trainers::Stage& stage)
    {
      const auto count = std::count_if(stages.begin(), stages.end(), [&stage](const Trainers::Stage& other)
      { return other.inputSize == stage.inputSize; });
      const std::string number = count > 1 ? std::to_string(stage.number) + "-" : "";
      return "stage-" + number + std::to_string(stage.inputSize);
    }

    Predict::TorchDevice PrepareDevice(const Predict::BackendOptions& backend)
    {
      // Whoever loaded a network before may have set another number.
      torch::set_num_threads(static_cast<int>(backend.threads));
      return Predict::TorchDevice::Choose(backend.device);
    }
  }

  StartingPoint StartingPoint::Draw(const RunConfig& config)
  {
    torch::manual_seed(config.seed);
    return {Weights::TensorMap::FromModule(*Network::GenotypeNet(config.network)), {}, false};
  }

  StartingPoint StartingPoint::FromModel(const std::filesystem::path& folder, const RunConfig& config)
  {
    torch::manual_seed(config.seed);
    const auto card = Weights::ModelCard::Load(folder / Weights::ModelPackage::CARD_FILE);
    RequireFit(card, config.network);
    const auto package = card.GetMembers().empty()
                           ? Weights::ModelPackage::Open(folder)
                           : Weights::ModelPackage::OpenMember(folder, card.GetMembers().front());
    const Network::NetworkOptions& source = package.GetCard().GetNetwork();
    Network::GenotypeNet network(config.network);
    if (source.variant == Network::Variant::MaskedAutoencoder)
    {
      Weights::TensorMap drawn = Weights::TensorMap::FromModule(*network);
      return {Trainers::TransferEncoder(package.GetWeights(), source.inputSize, config.network, std::move(drawn)),
              DescribeOrigin(card), false};
    }
    Trainers::ResizeInput(package.GetWeights(), source.inputSize, config.network.inputSize).CopyInto(*network);
    return {Weights::TensorMap::FromModule(*network), DescribeOrigin(card), !Trainers::HasPooledClassLayer(*network)};
  }

  Weights::ModelCard ModelTraining::Run(const Data::SliceDataset& dataset, const StartingPoint& start,
                                        const RunFolder& folder, const std::filesystem::path& output,
                                        const EventSink& onEvent) const
  {
    const auto device = PrepareDevice(backend);
    RunClock clock;
    // What cannot be written must not be trained first.
    MakeTrainedCard({name, config.network, data, start.origin, backend.threads, device.name, 0}, config).CheckSize();
    const EventSink tell = RecordIn(folder, onEvent);
    const RunConfig own = MakeOwnConfig(dataset, start);
    const auto WriteModel =
      [&](const std::filesystem::path& target, const Network::NetworkOptions& layout, const Weights::TensorMap& weights)
    {
      const TrainedCardFacts facts{name, layout, data, start.origin, backend.threads, device.name, clock.GetSeconds()};
      return Weights::ModelPackage::Write(target, MakeTrainedCard(facts, own), weights, Weights::StoredPrecision::F16);
    };

    StepSummary summary;
    Trainers::StageObserver observer = MakeObserver(config, folder, clock, summary, tell);
    if (keepsStages)
    {
      observer.onStage = [&](const Trainers::Stage& stage, const Weights::TensorMap& weights)
      {
        Network::NetworkOptions layout = config.network;
        layout.inputSize = stage.inputSize;
        WriteModel(output / GetStageFolder(own.GetStages(), stage), layout, weights);
      };
    }

    const RunAgreement agreement(ranks, folder.GetIdentity());
    const std::optional<Trainers::Checkpoint> resume = agreement.ShareCheckpoint(folder.GetCheckpointPath());
    if (resume)
    {
      clock.GoOnFrom(resume->GetSeconds());
      tell(DescribeResume(*resume));
    }
    const auto weights =
      Train(dataset, own, {agreement.ShareWeights(start.weights), resume ? &*resume : nullptr, device.device, ranks},
            observer);
    const Weights::ModelCard card = WriteModel(output, config.network, weights);
    tell(MakeModelEvent(output, card));
    agreement.Finish();
    return card;
  }

  void ModelTraining::Follow(const Data::SliceDataset& dataset, const StartingPoint& start,
                             const std::string& identity) const
  {
    const auto device = PrepareDevice(backend);
    const RunAgreement agreement(ranks, identity);
    const std::optional<Trainers::Checkpoint> resume = agreement.ShareCheckpoint({});
    Trainers::StageObserver observer;
    observer.onStep = [](const Trainers::Stage&, const Trainers::StepReport&) {};
    Train(dataset, MakeOwnConfig(dataset, start),
          {agreement.ShareWeights(start.weights), resume ? &*resume : nullptr, device.device, ranks}, observer);
    agreement.Finish();
  }

  RunConfig ModelTraining::MakeOwnConfig(const Data::SliceDataset& dataset, const StartingPoint& start) const
  {
    RunConfig own = config.WithTrainingSteps(dataset);
    own.training.poolsClassLayer = own.training.poolsClassLayer && !start.hasLearnedClassLayer;
    return own;
  }

  Weights::TensorMap ModelTraining::Train(const Data::SliceDataset& dataset, const RunConfig& own,
                                          const Trainers::StageStart& start,
                                          const Trainers::StageObserver& observer) const
  {
    return Trainers::TrainInStages(own.network, start, dataset, own.training, own.GetStages(), observer);
  }
}
