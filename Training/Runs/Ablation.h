// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Training/Runs/AblationModels.h"
#include "Training/Runs/CrossValidation.h"
#include "Training/Runs/FoldedData.h"

#include <filesystem>
#include <string>

namespace H3K27M::Runs
{
  // What an ablation is made of.
  struct AblationRequest
  {
    RunConfig config;
    std::filesystem::path folder;
    std::string name;
    std::filesystem::path encoder;  // of the pre-trained models; empty: each fold pre-trains its own
    Predict::BackendOptions backend;
    bool resumes = false;
  };

  // Of the encoder that the pre-trained models begin with: DescribeOrigin(); null where `encoder` is empty. Throws
  // Error(BadInput) when it is no encoder, of another width than the run's networks, or has seen one of the patients:
  // what a fold is not trained on must be new to the encoder, too.
  Json::Value ReadEncoder(const std::filesystem::path& encoder, const FoldedData& data);

  // The paper's experiment (table 1): six models, each cross-validated over the same folds and measured as an ensemble
  // on the external patients. Its units are independent processes, on as many machines as there are: first one encoder
  // for each fold, pre-trained on the images of that fold's training patients alone (none when an encoder is given,
  // which must not have seen a patient of the data), then model x fold.
  //   FOLDER/encoder-fold-1/ ..., FOLDER/model-1/ ... (see CrossValidation.h), FOLDER/metrics.json
  class Ablation
  {
  public:
    // `data` must outlive this object. Throws Error(Conflict) when the folder holds another run, what ReadEncoder()
    // throws, and Error(BadInput) when a model's card would be too large.
    Ablation(FoldedData& data, AblationRequest request, EventSink onEvent);

    std::size_t CountUnits() const;

    // "encoder-fold-1", ..., "model-6/fold-5": by the index of a Slurm array or a Kubernetes Job.
    std::string GetUnitName(std::size_t unit) const;

    // Does nothing when the unit is finished. Throws Error(Conflict) naming the unit to run before, for a pre-trained
    // model whose encoder is not there yet.
    void RunUnit(std::size_t unit);

    // Puts all together: {models: [{number, name, variant, pretrained, metrics}], comparisons: {out_of_fold, external},
    // measured_with, remarks} as FOLDER/metrics.json; the last two are OutcomeMakers' of all models. Throws
    // Error(Conflict) naming what is missing.
    Json::Value Finish();

    // All units, then Finish().
    Json::Value Run();

  private:
    std::size_t CountEncoders() const;
    std::filesystem::path GetEncoderPath(std::size_t fold) const;
    CrossValidation MakeValidation(const AblationModel& model) const;
    StartingPoint MakeStart(const AblationModel& model, std::size_t fold, const RunConfig& config) const;
    void RunEncoder(std::size_t fold);
    void Tell(Json::Value event, const std::string& unit) const;

    FoldedData& data_;
    AblationRequest request_;
    EventSink onEvent_;
    Json::Value origin_;  // of the given encoder
    RunFolder folder_;
  };
}
