// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Training/Evaluation/HeldOutEvaluation.h"
#include "Training/Runs/FoldedData.h"
#include "Training/Runs/ModelTraining.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // What a cross-validation is made of.
  struct CrossValidationRequest
  {
    RunConfig config;
    std::filesystem::path folder;
    std::string name;  // of the ensemble
    Predict::BackendOptions backend;
    bool resumes = false;
    std::filesystem::path baseline;  // model that the ensemble is held against, for promotion; empty: none
    Json::Value origin;  // what the folds start from, for the run's identity; null: from weights drawn at random
    // Where a fold begins, with the fold's own seed in the configuration; empty: StartingPoint::Draw. Must not have
    // seen the patients that the fold holds out.
    std::function<StartingPoint(std::size_t fold, const RunConfig& config)> start;

    // Every fold begins with the model or encoder in `from`. Throws what FoldedData::DescribeStart throws: for a model
    // that has seen a patient of `data`, an external one too.
    void StartFrom(const std::filesystem::path& from, const FoldedData& data);
  };

  // k networks, each trained without the patients of one fold and measured on them; then all together, as an ensemble,
  // on the external patients. The folds are independent: each can be run by a process of its own, on another machine,
  // and Finish() puts them together.
  //   FOLDER/fold-1/ ...  run folder, model, outcomes.json (out-of-fold), external.json (this fold on the external set)
  //   FOLDER/fold-1/maker.json, FOLDER/maker.json: what these outcomes were measured with (OutcomeMakers.h); the
  //   ensemble's also of which weights they are: those of others are measured again
  //   FOLDER/fold-1/feature-maps.json, saliency.safetensors, error-slices.safetensors (external patients): of the first
  //   fold alone
  //   FOLDER/external.json (the ensemble), FOLDER/metrics.json, FOLDER/model/ (the ensemble)
  // A fold with outcomes.json is finished; a resumed run does what is left.
  class CrossValidation
  {
  public:
    // `data` must outlive this object. Throws Error(Conflict) when the folder holds another run, Error(BadInput) when
    // the ensemble's card would be too large or an encoder is to stay frozen and there is none to start from.
    CrossValidation(FoldedData& data, CrossValidationRequest request, EventSink onEvent);

    // Its units are the folds: "fold-1" is the unit 0. RunUnit() does nothing when it is finished; Error(BadInput) for
    // one that there is not.
    std::size_t CountUnits() const;
    std::string GetUnitName(std::size_t unit) const;
    void RunUnit(std::size_t unit);

    bool IsFinished(std::size_t fold) const;

    // Evaluates the ensemble and writes metrics and model. Returns what metrics.json holds: {protocols, folds: [...],
    // out_of_fold: {...}, external: {...} or null, learned_from, measured_with, remarks}, and with a baseline `gate`,
    // which the model's card has too; the objects are those of HeldOutEvaluation::Summarise(), DescribeLineage(),
    // OutcomeMakers and PromotionGate::Judge() (where it compared, with `measured_with` and `remarks`), out of fold
    // with `auroc_within_folds` (Evaluation/AurocWithinFolds.h). The remarks are on the folds, whose patients are
    // ranked together.
    // Throws Error(Conflict) naming the folds that are missing.
    Json::Value Finish();

    // All folds, then Finish().
    Json::Value Run();

    // After Finish(): of all patients of the folds, by the network that has not seen them; and of the ensemble, empty
    // without an external set.
    std::vector<Evaluation::CaseOutcome> ReadOutOfFold() const;
    std::vector<Evaluation::CaseOutcome> ReadExternal() const;

  private:
    std::filesystem::path GetFoldPath(std::size_t fold) const;
    void TrainFold(std::size_t fold, const FoldSplit& split) const;
    void MeasureFold(std::size_t fold, const FoldSplit& split) const;
    void LookInside(std::size_t fold, const FoldSplit& split) const;
    void EvaluateEnsemble(const std::string& weightsSha256) const;
    Json::Value Summarise() const;
    void AddMakers(Json::Value& metrics) const;
    Weights::ModelCard MakeModel(const Json::Value& metrics) const;
    Json::Value JudgeGate() const;
    void Tell(const Json::Value& event) const;
    void TellUnit(std::size_t fold, const char* state) const;

    FoldedData& data_;
    CrossValidationRequest request_;
    EventSink onEvent_;
    RunFolder folder_;
  };
}
