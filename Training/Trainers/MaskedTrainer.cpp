// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/MaskedTrainer.h"

#include "Inference/Protocol/Error.h"
#include "Training/Objectives/MaskedReconstruction.h"
#include "Training/Trainers/Schedule.h"

#include <chrono>
#include <cmath>
#include <limits>

namespace H3K27M::Trainers
{
  namespace
  {
    std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const torch::nn::Module& network,
                                                           const MaskedTrainerOptions& options)
    {
      if (options.decouples)
      {
        return std::make_unique<torch::optim::AdamW>(
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
                               const MaskedTrainerOptions& options) :
    network_(std::move(network)),
    options_(options),
    sampler_(dataset, options.batch),
    optimizer_(MakeOptimizer(*network_, options))
  {
  }

  MaskedStepReport MaskedTrainer::RunStep(std::size_t step)
  {
    const auto schedule = Schedule::WithWarmUp(options_.peakRate, options_.steps, options_.warmUpShare);
    MaskedStepReport report;
    report.step = step + 1;
    report.rate = options_.hasSchedule ? schedule.GetRate(step) : options_.peakRate;
    for (auto& group : optimizer_->param_groups())
    {
      group.options().set_lr(report.rate);
    }

    const MaskedBatch batch = sampler_.Draw(step);
    const torch::Tensor loss =
      Objectives::MaskedReconstructionLoss(network_(batch.masked), batch.image, batch.patchMask);
    report.reconstruction = loss.item<double>();
    if (!std::isfinite(report.reconstruction))
    {
      throw Error(ErrorCode::BadInput, "The pre-training diverged: the loss of step " + std::to_string(report.step) +
                                         " is not finite. A smaller learning rate may help");
    }
    optimizer_->zero_grad();
    loss.backward();
    report.gradientNorm = torch::nn::utils::clip_grad_norm_(
      network_->parameters(), options_.clipNorm > 0 ? options_.clipNorm : std::numeric_limits<double>::infinity());
    optimizer_->step();
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
    while (stepsDone_ < options_.steps)
    {
      MaskedStepReport report = RunStep(stepsDone_);
      stepsDone_++;
      report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      onStep(report);
    }
    network_->eval();
  }
}
