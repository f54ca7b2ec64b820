// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Inference/Weights/ModelCard.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Ranks/RankGroup.h"
#include "Training/Runs/EventSink.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/RunFolder.h"

#include <json/value.h>

#include <filesystem>
#include <string>

namespace H3K27M::Runs
{
  // One masked autoencoder from random weights to its model folder, with events and checkpoints in the run's folder.
  // The model is an encoder for head MR of its own (variant `mae`): trainings start from it, and so may other tasks.
  struct EncoderTraining
  {
    std::string name;
    RunConfig config;
    Json::Value data;  // ICaseSource::Describe(), for the card
    Predict::BackendOptions backend;
    const Ranks::RankGroup* ranks = nullptr;     // as ModelTraining's
    const Data::SliceDataset* unseen = nullptr;  // what reconstructions are made of; null: what it is trained on

    // Goes on from the folder's checkpoint when it has one. Writes the model (fp16 weights, card) and
    // reconstructions.safetensors to `output`. Throws what MaskedTrainer throws; the last checkpoint then stays.
    Weights::ModelCard Run(const Data::SliceDataset& dataset, const RunFolder& folder,
                           const std::filesystem::path& output, const EventSink& onEvent) const;

    // As ModelTraining::Follow().
    void Follow(const Data::SliceDataset& dataset, const std::string& identity) const;
  };
}
