// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/TensorMap.h"
#include "Training/Trainers/CoTrainer.h"

#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Trainers
{
  // A network learns where and what on small images, at a fraction of the time, and the details on whole ones.
  struct Stage
  {
    std::int64_t inputSize = 0;  // pixels
    std::size_t steps = 0;
    // Its place in the training, which TrainInStages() tells its observer: the steps of the stages before, of all.
    std::size_t stepsBefore = 0;
    std::size_t stepsInAll = 0;
    std::size_t number = 0;  // from 1 on
  };

  // Reads "64:2000,128:2000,256:500". Throws Error(BadInput) unless each size is a multiple of 16 that divides
  // `inputSize`, each number of steps is above 0, and the last size is `inputSize`.
  std::vector<Stage> ParseStages(const std::string& text, std::int64_t inputSize);

  // What is told while the stages run.
  struct StageObserver
  {
    std::function<void(const Stage&, const StepReport&)> onStep;
    // After each stage but the last, with the weights of a network for the stage's input size. May be empty.
    std::function<void(const Stage&, const Weights::TensorMap&)> onStage;
    // After every `checkpointSteps` steps and at the end of each stage. May be empty.
    std::function<void(const Checkpoint&)> onCheckpoint;
    std::size_t checkpointSteps = 100;
    std::string identity;  // of the run; goes into its checkpoints
  };

  // Where the stages begin: with weights, or in the midst of a stage, where the weights are not looked at.
  struct StageStart
  {
    Weights::TensorMap weights;
    const Checkpoint* resume = nullptr;  // not owned; null: from the beginning
    torch::Device device{torch::kCPU};
    const Ranks::RankGroup* ranks = nullptr;  // not owned; see CoTrainer
  };

  // Trains a network of layout `layout` through all stages from `start` (whose weights are of that layout); returns
  // weights of that layout. `options.steps` and `options.batch.shrink` are the stages'. Each stage draws other batches
  // and begins with 0.6 of the peak rate of the one before: it corrects, it does not begin anew. Throws what CoTrainer
  // throws.
  Weights::TensorMap TrainInStages(const Network::NetworkOptions& layout, const StageStart& start,
                                   const Data::SliceDataset& dataset, const CoTrainerOptions& options,
                                   const std::vector<Stage>& stages, const StageObserver& observer);
}
