// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Training/Objectives/CoTrainingLoss.h"
#include "Training/Ranks/SharedBatch.h"
#include "Training/Trainers/BatchPrefetcher.h"
#include "Training/Trainers/BatchSampler.h"
#include "Training/Trainers/Checkpoint.h"
#include "Training/Trainers/StepGuard.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace H3K27M::Trainers
{
  // How a co-training run is made. Two presets: `paper` is the published recipe (Training/README.md says what of it is
  // ours), `recommended` what trains stably here.
  struct CoTrainerOptions
  {
    std::size_t steps = 2000;
    double peakRate = 1e-3;
    double warmUpShare = 0.05;  // of the steps
    double weightDecay = 0.01;
    double clipNorm = 1;                 // of the whole gradient; 0 = off
    std::size_t accumulation = 1;        // batches whose gradients make one step: more than the memory holds at once
    std::size_t freezeEncoderSteps = 0;  // the backbone stays as it was for so many steps: the paper's two-stage tuning
    double momentum = 0;                 // above 0: SGD with this momentum, else AdamW
    bool usesRegionLoss = true;          // RegionLoss instead of the paper's CoTrainingLoss
    bool poolsClassLayer = true;  // see PoolClassLayer.h; false: the last layer is drawn and learned, as in the paper
    bool useBFloat16 = false;     // autocast; pays on devices that multiply bf16
    Objectives::CoTrainingWeights weights;
    BatchOptions batch;

    static CoTrainerOptions Paper();
    static CoTrainerOptions Recommended();
  };

  struct StepReport
  {
    std::size_t step = 0;  // counted from 1
    double rate = 0;
    double crossEntropy = 0;
    double iou = 0;
    double focal = 0;
    double total = 0;
    double gradientNorm = 0;  // not a number: the step was left out (StepGuard)
    double seconds = 0;       // since the run began
    double waiting = 0;       // seconds of this step that passed until its batches were there
  };

  // Trains classification and segmentation together (paper, section 2.6).
  // Seeded: on the CPU, with the same number of threads, two runs end bit-equal; on a GPU, whose sums have no order,
  // nearly so.
  class CoTrainer
  {
  public:
    // Moves the network to `device`. `network`, `dataset` and `ranks` must outlive this object. `ranks`: the processes
    // that divide each batch among them, all with the same network, data and options; null: this one alone.
    CoTrainer(Network::GenotypeNet network, const Data::SliceDataset& dataset, const CoTrainerOptions& options,
              torch::Device device = torch::kCPU, const Ranks::RankGroup* ranks = nullptr);

    // Puts network and optimizer back to where the checkpoint was made; Run() then goes on from there and ends
    // bit-equal to a run that never stopped (on the CPU, with the same number of threads). Throws what
    // Checkpoint::Restore throws, and Error(BadInput) when the checkpoint lies beyond the last step.
    void Restore(const Checkpoint& checkpoint);

    // To be called from `onStep`; `stage` and `identity` are the caller's.
    Checkpoint MakeCheckpoint(std::size_t stage, const std::string& identity) const;

    // Runs the steps that are left and leaves the network in eval mode. Throws Error(BadInput) with the step and the
    // reason when the loss is no longer finite: a run that diverges stops.
    void Run(const std::function<void(const StepReport&)>& onStep);

  private:
    using Batches = BatchPrefetcher<BatchSampler>;

    StepReport RunStep(std::size_t step, Batches& batches);
    torch::Tensor AddGradients(const Batch& batch);
    Network::GenotypeOutput Forward(const torch::Tensor& image);
    void FreezeEncoder(bool isFrozen);

    Network::GenotypeNet network_;
    CoTrainerOptions options_;
    torch::Device device_;
    BatchSampler sampler_;
    Ranks::SharedBatch shared_;
    std::size_t stepsDone_ = 0;
    std::unique_ptr<torch::optim::Optimizer> optimizer_;
    StepGuard guard_;
  };
}
