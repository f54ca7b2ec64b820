// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Preprocess/PreprocessOptions.h"
#include "Training/Data/BidsFolder.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/MaskedTrainer.h"
#include "Training/Trainers/StagedTraining.h"

#include <json/value.h>

#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // All that decides what a run makes, but for its data. Two presets: `recommended` (the default) and `paper` (the
  // published recipe, section 2.6; Training/README.md says what of it is ours); every key can be set on top. As JSON:
  // `config.json` of a run's folder.
  struct RunConfig
  {
    std::string preset = "recommended";
    std::string control = "none";  // "permuted", "planted": see Data/PermutedLabels.h, Data/PlantedSignal.h
    Data::Contrast contrast = Data::Contrast::T2w;
    Preprocess::Framing framing = Preprocess::Framing::Head;
    Network::NetworkOptions network;
    Trainers::CoTrainerOptions training;         // its steps: 0 where epochs say how many; the sum of the stages
    Trainers::MaskedTrainerOptions pretraining;  // of encoders
    std::size_t trainingEpochs = 0;              // passes over the slices with tumour; 0: training.steps
    std::size_t pretrainingEpochs = 0;           // as many slices as the data hold; 0: pretraining.steps
    std::string stages;                          // SIZE:STEPS,...; empty: one stage of training.steps
    std::size_t checkpointSteps = 100;
    double threshold = 0.5;       // of the probability; declared before the run
    double minimumAreaMm2 = 100;  // of tumour in a slice that speaks for the patient
    std::size_t folds = 5;
    double gateMargin = 0.05;              // of AUROC: a candidate may be worse by less than this to be promoted
    std::size_t gateMinimumPatients = 10;  // external ones of each genotype, for that judgement
    std::size_t seed = 1;

    // The preset's values. Throws Error(BadInput) for another name.
    static RunConfig FromPreset(const std::string& preset);

    // `json`: an object with any of the keys; `preset` chooses what the others start from. Throws Error(BadInput) that
    // lists every fault: unknown keys, wrong types, values out of their range, sizes that do not go together, steps
    // beside epochs or stages that say another number, and an encoder that stays frozen beyond the first stage.
    static RunConfig Parse(const Json::Value& json);

    // Throws Error(BadInput) for a control: only `cross-validate` and `ablate` shuffle labels, and a model of another
    // command would be said to have learned shuffled ones. `command`: for the message.
    void RefuseControl(const std::string& command) const;

    // Throws Error(BadInput) for an encoder that is to stay frozen: of a run that begins with random weights.
    void RefuseFrozenEncoder() const;

    // With steps in the place of epochs, for a network, or an encoder, that learns from `dataset`; an epoch that has
    // begun is ended. The other one's length stays as it was set: it learns from other data, or there is none. The
    // first throws Error(BadInput) where the encoder would stay frozen for longer than that.
    RunConfig WithTrainingSteps(const Data::SliceDataset& dataset) const;
    RunConfig WithPretrainingSteps(const Data::SliceDataset& dataset) const;

    // Every key with its value: reading it again gives an equal run.
    Json::Value ToJson() const;

    // The same with the kind of run: what a run's folder keeps.
    Json::Value ToJson(const std::string& kind) const;

    // Of all that is drawn at random.
    void SetSeed(std::size_t value);

    // "head" or "centre-square": of `framing`, in configurations and cards.
    std::string GetFramingName() const;

    // Never empty; the last one has the network's input size.
    std::vector<Trainers::Stage> GetStages() const;
  };
}
