// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Ranks/RankGroup.h"
#include "Training/Runs/EventSink.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/RunFolder.h"
#include "Training/Trainers/StagedTraining.h"

#include <json/value.h>

#include <filesystem>
#include <optional>
#include <string>

namespace H3K27M::Runs
{
  // Where a training begins: weights drawn at random from the configuration's seed, or those of another model.
  struct StartingPoint
  {
    Weights::TensorMap weights;
    Json::Value origin;  // DescribeOrigin(); null: from scratch
    // A whole model's last layer that was learned: it stays and learns on, whatever `pooled_class_layer` says, for the
    // rest of that model means nothing under another one (Trainers/PoolClassLayer.h).
    bool hasLearnedClassLayer = false;

    static StartingPoint Draw(const RunConfig& config);

    // A model of the same variant and width, or an encoder (variant `mae`) of the same width, under whose backbone the
    // rest is drawn; another input size is resized. Of an ensemble the first network is taken. Throws what ModelPackage
    // and RequireFit() throw, and Error(BadInput) naming the tensors that do not fit.
    static StartingPoint FromModel(const std::filesystem::path& folder, const RunConfig& config);
  };

  // One network from its starting point to its model folder, with events and checkpoints in the run's folder.
  struct ModelTraining
  {
    std::string name;
    RunConfig config;
    Json::Value data;  // ICaseSource::Describe(), for the card
    Predict::BackendOptions backend;
    bool keepsStages = false;                 // also writes OUTPUT/stage-SIZE, stage-K-SIZE of a size that comes twice
    const Ranks::RankGroup* ranks = nullptr;  // not owned; the processes that train together, null: this one alone

    // Goes on from the folder's checkpoint when it has one. Writes the model (fp16 weights, card) to `output` and
    // returns the card. Throws what TrainInStages() throws; the last checkpoint then stays.
    // Of several processes the first one calls this, all others Follow().
    Weights::ModelCard Run(const Data::SliceDataset& dataset, const StartingPoint& start, const RunFolder& folder,
                           const std::filesystem::path& output, const EventSink& onEvent) const;

    // Trains along with the first process, from where that one begins or goes on, until it has written the model;
    // writes nothing. `identity`: of the run. Throws Error(Conflict) when it is another run's.
    void Follow(const Data::SliceDataset& dataset, const StartingPoint& start, const std::string& identity) const;

  private:
    // With the steps that the data ask for, and the last layer that `start` does: goes into the card.
    RunConfig MakeOwnConfig(const Data::SliceDataset& dataset, const StartingPoint& start) const;
    Weights::TensorMap Train(const Data::SliceDataset& dataset, const RunConfig& own, const Trainers::StageStart& start,
                             const Trainers::StageObserver& observer) const;
  };
}
