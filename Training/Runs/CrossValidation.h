// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsCaseSource.h"
#include "Training/Evaluation/HeldOutEvaluation.h"
#include "Training/Folds/PatientFolds.h"
#include "Training/Runs/ModelTraining.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace H3K27M::Runs
{
  // What a cross-validation is made of.
  struct CrossValidationRequest
  {
    RunConfig config;
    std::filesystem::path dataset;  // BIDS: the split `development` is divided, `external` is kept for the ensemble
    std::filesystem::path folder;
    unsigned int threads = 1;
    bool resumes = false;
  };

  // k networks, each trained without the patients of one fold and measured on them; then all together, as an ensemble,
  // on the external patients. Folds by patient, stratified by genotype and site; every fold starts from its own random
  // weights, never from ones that have seen its patients. Tumour-free volumes train in every fold.
  //   FOLDER/fold-1/ ...  run folder, model, outcomes.json (out-of-fold), external.json (this fold on the external set)
  //   FOLDER/external.json, FOLDER/metrics.json
  // A fold with outcomes.json is finished; a resumed run does what is left.
  class CrossValidation
  {
  public:
    // Checks data and folds before anything is computed. Throws Error(BadInput) with all faults of the data, of the
    // folds, or Error(Conflict) when the folder holds another run.
    CrossValidation(CrossValidationRequest request, EventSink onEvent);

    // Returns what metrics.json holds: {protocol, folds: [...], out_of_fold: {...}, external: {...} or null}; the
    // objects are HeldOutEvaluation::Summarise()'s.
    Json::Value Run();

  private:
    std::filesystem::path GetFoldPath(std::size_t fold) const;
    std::vector<std::size_t> SelectHeldOut(std::size_t fold) const;
    void RunFold(std::size_t fold);
    const Data::SliceDataset& GetSlices();
    std::vector<Evaluation::CaseOutcome> EvaluateEnsemble();
    Json::Value Summarise();
    void TellUnit(const std::string& unit, const char* state) const;

    CrossValidationRequest request_;
    EventSink onEvent_;
    std::shared_ptr<const Data::BidsFolder> bids_;
    Data::BidsCaseSource development_;
    std::optional<Data::BidsCaseSource> external_;
    Folds::PatientFolds folds_;
    Json::Value data_;
    RunFolder folder_;
    std::optional<Data::SliceDataset> slices_;  // of all development cases, read when the first fold needs them
  };
}
