// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/EncoderTraining.h"

#include "Inference/Predict/TorchDevice.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/Reconstructions.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/RunAgreement.h"
#include "Training/Runs/RunClock.h"
#include "Training/Runs/StepMeans.h"
#include "Training/Runs/TrainedCard.h"
#include "Training/Runs/TrainingEvents.h"
#include "Training/Trainers/MaskedTrainer.h"

#include <cmath>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t ENCODER_STEPS_PER_EVENT = 10;  // steps

    Network::NetworkOptions GetLayout(const RunConfig& config)
    {
      Network::NetworkOptions layout = config.network;
      layout.variant = Network::Variant::MaskedAutoencoder;
      return layout;
    }

    // With weights from the run's seed, or those of the first process.
    Network::MaskedAutoencoder MakeNetwork(const RunConfig& config, const RunAgreement& agreement)
    {
      torch::manual_seed(config.seed);
      Network::MaskedAutoencoder network(GetLayout(config));
      agreement.ShareWeights(Weights::TensorMap::FromModule(*network)).CopyInto(*network);
      return network;
    }

    Json::Value MakeEvent(const Trainers::MaskedStepReport& step, std::size_t steps, double meanLoss,
                          double secondsPerStep)
    {
      Json::Value event;
      event["event"] = "step";
      event["step"] = Json::UInt64{step.step};
      event["of"] = Json::UInt64{steps};
      event["rate"] = step.rate;
      event["reconstruction"] = meanLoss;
      event["gradient_norm"] = step.gradientNorm;
      event["seconds"] = step.seconds;
      event["seconds_per_step"] = secondsPerStep;
      event["seconds_left"] = secondsPerStep * static_cast<double>(steps - step.step);
      return event;
    }
  }

  Weights::ModelCard EncoderTraining::Run(const Data::SliceDataset& dataset, const RunFolder& folder,
                                          const std::filesystem::path& output, const EventSink& onEvent) const
  {
    torch::set_num_threads(static_cast<int>(backend.threads));
    const auto device = Predict::TorchDevice::Choose(backend.device);
    RunClock clock;
    // What cannot be written must not be trained first.
    MakeTrainedCard({name, GetLayout(config), data, {}, backend.threads, device.name, 0}, config).CheckSize();
    const EventSink tell = RecordIn(folder, onEvent);
    const RunAgreement agreement(ranks, folder.GetIdentity());
    Network::MaskedAutoencoder network = MakeNetwork(config, agreement);
    const RunConfig own = config.WithPretrainingSteps(dataset);
    Trainers::MaskedTrainer trainer(network, dataset, own.pretraining, device.device, ranks);
    if (const auto checkpoint = agreement.ShareCheckpoint(folder.GetCheckpointPath()))
    {
      trainer.Restore(*checkpoint);
      clock.GoOnFrom(checkpoint->GetSeconds());
      Json::Value event;
      event["event"] = "resumed";
      event["step"] = Json::UInt64{checkpoint->GetPosition().step};
      tell(event);
    }

    StepMeans means(ENCODER_STEPS_PER_EVENT);
    const std::size_t steps = own.pretraining.steps;
    trainer.Run([&](const Trainers::MaskedStepReport& step)
    {
      if (!std::isfinite(step.gradientNorm))
      {
        tell(MakeLeftOutEvent(step.step));
      }
      if (const auto mean = means.Add(step.step, steps, step.seconds, {step.reconstruction}))
      {
        tell(MakeEvent(step, steps, mean->values.front(), mean->secondsPerStep));
      }
      if (step.step % config.checkpointSteps == 0 || step.step == steps)
      {
        trainer.MakeCheckpoint(folder.GetIdentity()).Save(folder.GetCheckpointPath(), clock.GetSeconds());
      }
    });

    network->to(torch::kCPU);
    SaveReconstructions(output / RECONSTRUCTIONS_FILE, network, unseen != nullptr ? *unseen : dataset,
                        unseen != nullptr ? SLICES_HELD_OUT : SLICES_TRAINED_ON, config.seed);
    const TrainedCardFacts facts{name, GetLayout(config), data, {}, backend.threads, device.name, clock.GetSeconds()};
    const Weights::ModelCard card = Weights::ModelPackage::Write(
      output, MakeTrainedCard(facts, own), Weights::TensorMap::FromModule(*network), Weights::StoredPrecision::F16);
    tell(MakeModelEvent(output, card));
    agreement.Finish();
    return card;
  }

  void EncoderTraining::Follow(const Data::SliceDataset& dataset, const std::string& identity) const
  {
    torch::set_num_threads(static_cast<int>(backend.threads));
    const auto device = Predict::TorchDevice::Choose(backend.device);
    const RunAgreement agreement(ranks, identity);
    Network::MaskedAutoencoder network = MakeNetwork(config, agreement);
    Trainers::MaskedTrainer trainer(network, dataset, config.WithPretrainingSteps(dataset).pretraining, device.device,
                                    ranks);
    if (const auto checkpoint = agreement.ShareCheckpoint({}))
    {
      trainer.Restore(*checkpoint);
    }
    trainer.Run([](const Trainers::MaskedStepReport&) {});
    agreement.Finish();
  }
}
