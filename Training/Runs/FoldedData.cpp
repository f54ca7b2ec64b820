// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/FoldedData.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/PermutedLabels.h"
#include "Training/Data/PlantedSignal.h"
#include "Training/Runs/DescribePatients.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/LoadSlices.h"
#include "Training/Runs/StartFit.h"
#include "Training/Runs/TrainedCard.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    Folds::PatientFolds MakeFolds(const Data::BidsCaseSource& source, const RunConfig& config)
    {
      std::vector<Folds::FoldPatient> patients;
      for (std::size_t i = 0; i < source.GetCount(); i++)
      {
        const Data::BidsSubject& subject = source.GetSubject(i);
        if (subject.genotype)
        {
          const auto site = subject.columns.find("site");
          patients.push_back({subject.id, *subject.genotype == Network::GENOTYPE_ALTERED,
                              site == subject.columns.end() ? std::string() : site->second});
        }
      }
      return Folds::PatientFolds::Make(std::move(patients), config.folds, config.seed);
    }

    // Of each case the fold that holds it out; the number of folds where none does.
    std::vector<std::size_t> FindFolds(const Data::BidsCaseSource& source, const Folds::PatientFolds& folds)
    {
      std::vector<std::size_t> found;
      found.reserve(source.GetCount());
      for (std::size_t i = 0; i < source.GetCount(); i++)
      {
        found.push_back(folds.FindFold(source.GetSubject(i).id).value_or(folds.GetCount()));
      }
      return found;
    }

    // Shuffled within the groups that `find` gives, where the run is a control; null where it is none.
    template <typename FindGroups>
    std::unique_ptr<const Data::ICaseSource> MakeControl(const Data::BidsCaseSource& source, const FindGroups& find,
                                                         const RunConfig& config)
    {
      if (config.control == "permuted")
      {
        return std::make_unique<Data::PermutedLabels>(source, find(), config.seed);
      }
      if (config.control == "planted")
      {
        return std::make_unique<Data::PlantedSignal>(source, find(), config.seed);
      }
      return nullptr;
    }

    std::optional<Data::BidsCaseSource> OpenExternal(const std::shared_ptr<const Data::BidsFolder>& bids)
    {
      const std::vector<Data::BidsSubject>& subjects = bids->GetSubjects();
      const bool hasExternal = std::any_of(subjects.begin(), subjects.end(), [](const Data::BidsSubject& subject)
      { return subject.split == "external" && subject.mask; });
      return hasExternal ? std::optional<Data::BidsCaseSource>(std::in_place, bids, "external") : std::nullopt;
    }
  }

  FoldedData::FoldedData(const std::filesystem::path& dataset, const RunConfig& config, unsigned int threads) :
    config_(config),
    threads_(threads),
    bids_(std::make_shared<Data::BidsFolder>(dataset, config.contrast)),
    development_(bids_, "development"),
    external_(OpenExternal(bids_)),
    folds_(MakeFolds(development_, config)),
    control_(MakeControl(development_, [&] { return FindFolds(development_, folds_); }, config)),
    externalControl_(
      external_ ? MakeControl(*external_, [this] { return std::vector<std::size_t>(external_->GetCount()); }, config)
                : nullptr),
    description_(GetDevelopment().Describe()),
    externalDescription_(GetExternal() != nullptr ? GetExternal()->Describe() : Json::Value())
  {
  }

  Json::Value FoldedData::DescribeStart(const std::filesystem::path& folder) const
  {
    const auto card = Weights::ModelCard::Load(folder / Weights::ModelPackage::CARD_FILE);
    RequireFit(card, config_.network);
    RefuseSeenCases(card.GetJson(), description_);
    if (GetExternal() != nullptr)
    {
      RefuseSeenCases(card.GetJson(), externalDescription_);
    }
    return DescribeOrigin(card);
  }

  Json::Value FoldedData::MakeManifest() const
  {
    Json::Value manifest;
    manifest["data"] = description_;
    manifest["external"] = externalDescription_;
    manifest["folds"] = folds_.ToJson();
    return manifest;
  }

  Json::Value FoldedData::MakeManifest(const char* startKey, const Json::Value& start) const
  {
    Json::Value manifest = MakeManifest();
    manifest[startKey] = start;
    return manifest;
  }

  void FoldedData::WritePatients(const std::filesystem::path& run) const
  {
    Runs::WritePatients(run, *bids_);
  }

  FoldSplit FoldedData::Split(std::size_t fold) const
  {
    if (fold >= CountFolds())
    {
      throw Error(ErrorCode::BadInput,
                  "There is no fold " + std::to_string(fold) + " of " + std::to_string(CountFolds()));
    }
    FoldSplit split;
    split.trainingData = description_;
    std::size_t count = 0;
    std::size_t synthetic = 0;
    for (std::size_t i = 0; i < development_.GetCount(); i++)
    {
      const std::string& id = development_.GetSubject(i).id;
      const bool isHeldOut = folds_.FindFold(id) == fold;
      split.trains.push_back(!isHeldOut);
      if (isHeldOut)
      {
        split.heldOut.push_back(i);
        split.trainingData["images"].removeMember(id);
      }
      else
      {
        count++;
        synthetic += development_.GetSubject(i).IsSynthetic() ? 1 : 0;
      }
    }
    split.trainingData["count"] = Json::UInt64{count};
    split.trainingData["synthetic"] = Json::UInt64{synthetic};
    split.trainingData["fold"] = Json::UInt64{fold + 1};
    return split;
  }

  const Data::SliceDataset& FoldedData::GetSlices(const EventSink& onEvent)
  {
    if (!slices_)
    {
      // They are measured once a fold is trained: a mask that is wrong would be found too late.
      if (GetExternal() != nullptr && !isExternalChecked_)
      {
        CheckSlices(*GetExternal(), config_, threads_, onEvent);
        isExternalChecked_ = true;
      }
      slices_ = LoadSlices(GetDevelopment(), config_, threads_, onEvent);
    }
    return *slices_;
  }
}
