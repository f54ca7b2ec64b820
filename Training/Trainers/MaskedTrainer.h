// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/MaskedAutoencoder.h"
#include "Training/Ranks/SharedBatch.h"
#include "Training/Trainers/BatchPrefetcher.h"
#include "Training/Trainers/Checkpoint.h"
#include "Training/Trainers/MaskedBatchSampler.h"
#include "Training/Trainers/StepGuard.h"

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>

namespace H3K27M::Trainers
{
  // How pre-training is made. `paper`: Adam at a rate of 0.05 (section 2.6), which is far above what this network
  // learns well at; `recommended`: AdamW with warm-up and clipping.
  struct MaskedTrainerOptions
  {
    std::size_t steps = 2000;
    double peakRate = 1e-3;
    double warmUpShare = 0.05;
    double weightDecay = 0.05;
    double clipNorm = 1;           // 0 = off
    std::size_t accumulation = 1;  // batches whose gradients make one step
    bool decouples = true;         // AdamW; false: Adam, whose weight decay is part of the gradient
    bool hasSchedule = true;       // half a cosine down to zero; false: the rate stays
    MaskedBatchOptions batch;

    static MaskedTrainerOptions Paper();
    static MaskedTrainerOptions Recommended();
  };

  struct MaskedStepReport
  {
    std::size_t step = 0;  // counted from 1
    double rate = 0;
    double reconstruction = 0;  // mean squared error over the masked patches, normalised intensity
    double gradientNorm = 0;    // not a number: the step was left out (StepGuard)
    double seconds = 0;         // since the run began
  };

  // Pre-trains by masked autoencoding (paper, section 2.3). Seeded: on the CPU, with the same number of threads, two
  // runs end bit-equal, also when one was stopped and went on from a checkpoint.
  class MaskedTrainer
  {
  public:
    // Moves the network to `device`. `network`, `dataset` and `ranks` (as CoTrainer's) must outlive this object.
    MaskedTrainer(Network::MaskedAutoencoder network, const Data::SliceDataset& dataset,
                  const MaskedTrainerOptions& options, torch::Device device = torch::kCPU,
                  const Ranks::RankGroup* ranks = nullptr);

    // As CoTrainer's.
    void Restore(const Checkpoint& checkpoint);
    Checkpoint MakeCheckpoint(const std::string& identity) const;

    // Runs the steps that are left and leaves the network in eval mode. Throws Error(BadInput) with the step and the
    // reason when the loss is not finite.
    void Run(const std::function<void(const MaskedStepReport&)>& onStep);

  private:
    using Batches = BatchPrefetcher<MaskedBatchSampler>;

    torch::Tensor Reconstruct(const MaskedBatch& batch);
    MaskedStepReport RunStep(std::size_t step, Batches& batches);

    Network::MaskedAutoencoder network_;
    MaskedTrainerOptions options_;
    torch::Device device_;
    MaskedBatchSampler sampler_;
    Ranks::SharedBatch shared_;
    std::unique_ptr<torch::optim::Optimizer> optimizer_;
    StepGuard guard_;
    std::size_t stepsDone_ = 0;
  };
}
