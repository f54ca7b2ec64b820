// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/EncoderTraining.h"

#include "Inference/Predict/TorchDevice.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/Reconstructions.h"
#include "Training/Runs/StepMeans.h"
#include "Training/Runs/TrainedCard.h"
#include "Training/Trainers/MaskedTrainer.h"

#include <chrono>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t INTERVAL = 10;  // steps

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
    const auto begin = std::chrono::steady_clock::now();
    const auto Tell = [&folder, &onEvent](const Json::Value& event)
    {
      folder.AppendEvent(event);
      onEvent(event);
    };
    torch::manual_seed(config.seed);
    Network::NetworkOptions layout = config.network;
    layout.variant = Network::Variant::MaskedAutoencoder;
    Network::MaskedAutoencoder network(layout);
    Trainers::MaskedTrainer trainer(network, dataset, config.pretraining, device.device);
    if (folder.HasCheckpoint())
    {
      const auto checkpoint = Trainers::Checkpoint::Load(folder.GetCheckpointPath(), folder.GetIdentity());
      trainer.Restore(checkpoint);
      Json::Value event;
      event["event"] = "resumed";
      event["step"] = Json::UInt64{checkpoint.GetPosition().step};
      Tell(event);
    }

    StepMeans means(INTERVAL);
    const std::size_t steps = config.pretraining.steps;
    trainer.Run([&](const Trainers::MaskedStepReport& step)
    {
      if (const auto mean = means.Add(step.step, steps, step.seconds, {step.reconstruction}))
      {
        Tell(MakeEvent(step, steps, mean->values.front(), mean->secondsPerStep));
      }
      if (step.step % config.checkpointSteps == 0 || step.step == steps)
      {
        trainer.MakeCheckpoint(folder.GetIdentity()).Save(folder.GetCheckpointPath());
      }
    });

    network->to(torch::kCPU);
    SaveReconstructions(output / RECONSTRUCTIONS_FILE, network, dataset, config.seed);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const TrainedCardFacts facts{name, layout, data, {}, backend.threads, device.name, seconds};
    const Weights::ModelCard card = Weights::ModelPackage::Write(
      output, MakeTrainedCard(facts, config), Weights::TensorMap::FromModule(*network), Weights::StoredPrecision::F16);
    Json::Value event;
    event["event"] = "model";
    event["folder"] = output.string();
    event["weights_sha256"] = card.GetWeightsSha256();
    Tell(event);
    return card;
  }
}
