// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/MaskedTrainer.h"

#include "Inference/Network/MinimalFilteringScope.h"
#include "Training/Objectives/MaskedReconstruction.h"
#include "Training/Trainers/FusedAdamW.h"
#include "Training/Trainers/GradientNorm.h"
#include "Training/Trainers/Schedule.h"
#include "Training/Trainers/TrainingDevice.h"

#include <chrono>

namespace H3K27M::Trainers
{
  namespace
  {
    torch::nn::Module& Prepare(torch::nn::Module& network, torch::Device device)
    {
      MoveTo(network, device);
      return network;
    }

    std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const torch::nn::Module& network,
                                                           const MaskedTrainerOptions& options)
    {
      if (options.decouples)
      {
        return std::make_unique<FusedAdamW>(
          network.parameters(), torch::optim::AdamWOptions(options.peakRate).weight_decay(options.weightDecay));
      }
      return std::make_unique<torch::optim::Adam>(
        network.parameters(), torch::optim::AdamOptions(options.peakRate).weight_decay(options.weightDecay));
    }
  }

  MaskedTrainerOptions MaskedTrainerOptions::Paper()
  {
    MaskedTrainerOptions options;
    options.peakRate = 0.05;
    options.warmUpShare = 0;
    options.weightDecay = 1e-4;
    options.clipNorm = 0;
    options.decouples = false;
    options.hasSchedule = false;
    return options;
  }

  MaskedTrainerOptions MaskedTrainerOptions::Recommended()
  {
    return {};
  }

  MaskedTrainer::MaskedTrainer(Network::MaskedAutoencoder network, const Data::SliceDataset& dataset,
                               const MaskedTrainerOptions& options, torch::Device device,
                               const Ranks::RankGroup* ranks) :
    network_(std::move(network)),
    options_(options),
    device_(device),
    sampler_(dataset, options.batch),
    shared_(ranks, options.batch.batchSize),
    optimizer_(MakeOptimizer(Prepare(*network_, device), options))
  {
  }

  // The whole batch, whatever part of it this process made.
  torch::Tensor MaskedTrainer::Reconstruct(const MaskedBatch& batch)
  {
    const Network::BatchNormScope scope = shared_.ShareStatistics();
    const Network::MinimalFilteringScope filtering(true);
    return shared_.Gather(network_(shared_.TakeShare(batch.masked)));
  }

  MaskedStepReport MaskedTrainer::RunStep(std::size_t step, Batches& batches)
  {
    const auto schedule = Schedule::WithWarmUp(options_.peakRate, options_.steps, options_.warmUpShare);
    MaskedStepReport report;
    report.step = step + 1;
    report.rate = options_.hasSchedule ? schedule.GetRate(step) : options_.peakRate;
    for (auto& group : optimizer_->param_groups())
    {
      group.options().set_lr(report.rate);
    }

    optimizer_->zero_grad();
    shared_.SeedNoise(options_.batch.seed, step, device_);
    torch::Tensor mean = torch::zeros({}, device_);
    for (std::size_t i = 0; i < options_.accumulation; i++)
    {
      const MaskedBatch batch = sampler_.Assemble(batches.Take(), device_);
      const torch::Tensor loss =
        Objectives::MaskedReconstructionLoss(Reconstruct(batch), batch.image, batch.patchMask) /
        static_cast<double>(options_.accumulation);
      loss.backward();
      mean += loss.detach();
    }
    shared_.SumGradients(network_->parameters());
    const torch::Tensor norm = ClipGradientNorm(network_->parameters(), options_.clipNorm);
    report.reconstruction = mean.item<double>();
    report.gradientNorm = norm.item<double>();
    if (guard_.Allows(report.reconstruction, report.gradientNorm, report.step))
    {
      optimizer_->step();
    }
    return report;
  }

  void MaskedTrainer::Restore(const Checkpoint& checkpoint)
  {
    stepsDone_ = checkpoint.Restore(*network_, *optimizer_, options_.steps);
  }

  Checkpoint MaskedTrainer::MakeCheckpoint(const std::string& identity) const
  {
    return Checkpoint(*network_, *optimizer_, {0, stepsDone_}, identity);
  }

  void MaskedTrainer::Run(const std::function<void(const MaskedStepReport&)>& onStep)
  {
    const auto start = std::chrono::steady_clock::now();
    network_->train();
    Batches batches(sampler_, stepsDone_ * options_.accumulation, options_.steps * options_.accumulation,
                    CountBatchesAhead(device_));
    while (stepsDone_ < options_.steps)
    {
      MaskedStepReport report = RunStep(stepsDone_, batches);
      stepsDone_++;
      report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      onStep(report);
    }
    network_->eval();
  }
}
