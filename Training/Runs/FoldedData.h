// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Folds/PatientFolds.h"
#include "Training/Runs/EventSink.h"
#include "Training/Runs/RunConfig.h"

#include <json/value.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // Who trains and who is measured in one fold.
  struct FoldSplit
  {
    std::vector<bool> trains;          // [case of the development split]
    std::vector<std::size_t> heldOut;  // the others
    Json::Value trainingData;          // what the network saw: goes into its card
  };

  // A BIDS folder divided for cross-validation: the patients of the split `development` into folds, stratified by
  // genotype and site, `external` kept apart. Tumour-free volumes train in every fold. Checked as a whole before
  // anything is computed; the slices are read when they are first asked for, and shared by all networks.
  class FoldedData
  {
  public:
    // Throws Error(BadInput) with all faults of the data (no patient is of two splits: Data/BidsFolder.h), or of the
    // folds (fewer patients of a genotype than folds).
    FoldedData(const std::filesystem::path& dataset, const RunConfig& config, unsigned int threads);

    FoldedData(const FoldedData&) = delete;
    FoldedData& operator=(const FoldedData&) = delete;

    ~FoldedData() = default;

    const RunConfig& GetConfig() const noexcept
    {
      return config_;
    }

    // The cases of the development split, as the run sees them: with shuffled labels in a control, and a planted signal
    // in one of the two.
    const Data::ICaseSource& GetDevelopment() const noexcept
    {
      return control_ ? *control_ : development_;
    }

    // Whose case of the development split it is.
    const std::string& GetPatient(std::size_t index) const
    {
      return development_.GetSubject(index).id;
    }

    // As the run sees them. Null when no external patient has a mask.
    const Data::ICaseSource* GetExternal() const noexcept
    {
      const Data::ICaseSource* const external = external_ ? &*external_ : nullptr;
      return externalControl_ ? externalControl_.get() : external;
    }

    std::size_t CountFolds() const noexcept
    {
      return folds_.GetCount();
    }

    // Of the development split, with the hash of each image.
    const Json::Value& Describe() const noexcept
    {
      return description_;
    }

    // {data, external, folds}: what decides, beside the configuration, what a run makes.
    Json::Value MakeManifest() const;

    // The same with what the trainings begin with: of "encoder" or "from".
    Json::Value MakeManifest(const char* startKey, const Json::Value& start) const;

    // Of all subjects, into the folder of a run: see Training/Runs/DescribePatients.h.
    void WritePatients(const std::filesystem::path& run) const;

    // Of the model or encoder in `folder`, from which trainings on these data are to start: DescribeOrigin(). Throws
    // Error(BadInput) when it is of another layout than the run's networks (RequireFit()), or when it, or what
    // it started from, has seen a patient of development or of the external ones: folds and ensemble are measured on
    // both.
    Json::Value DescribeStart(const std::filesystem::path& folder) const;

    // Whoever is held out is not among those that train. Throws Error(BadInput) for a fold that does not exist.
    FoldSplit Split(std::size_t fold) const;

    // Reads the images, the external ones too, whose slices are not kept. Throws Error(BadInput) with all cases of the
    // external split that cannot be used, or all of the development split.
    const Data::SliceDataset& GetSlices(const EventSink& onEvent);

    // Gives the memory back.
    void DropSlices() noexcept
    {
      slices_.reset();
    }

  private:
    RunConfig config_;
    unsigned int threads_;
    std::shared_ptr<const Data::BidsFolder> bids_;
    Data::BidsCaseSource development_;
    std::optional<Data::BidsCaseSource> external_;
    Folds::PatientFolds folds_;
    std::unique_ptr<const Data::ICaseSource> control_;          // refers to development_; null: the run is none
    std::unique_ptr<const Data::ICaseSource> externalControl_;  // the same of external_
    // Kept, because all files are read to hash them.
    Json::Value description_;          // of the development split
    Json::Value externalDescription_;  // null where nobody is external
    bool isExternalChecked_ = false;
    std::optional<Data::SliceDataset> slices_;  // of all development cases
  };
}
