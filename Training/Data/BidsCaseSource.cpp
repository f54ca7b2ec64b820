// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/BidsCaseSource.h"

#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>

namespace H3K27M::Data
{
  namespace
  {
    TrainingCase ReadCase(const BidsSubject& subject, const std::filesystem::path& mask)
    {
      const auto image = Preprocess::NiftiVolume::Read(subject.image);
      TrainingCase loaded = TrainingCase::FromView(subject.id, image.GetView());
      loaded.mask = Preprocess::NiftiVolume::ReadLabels(mask, image);
      std::transform(loaded.mask.begin(), loaded.mask.end(), loaded.mask.begin(),
                     [](std::uint8_t label) { return static_cast<std::uint8_t>(label != 0 ? 1 : 0); });
      loaded.hasTumour = std::find(loaded.mask.begin(), loaded.mask.end(), 1) != loaded.mask.end();
      if (loaded.hasTumour && !subject.genotype)
      {
        throw Error(ErrorCode::BadInput, "the mask shows a tumour and h3k27m_status is n/a");
      }
      if (!loaded.hasTumour && subject.genotype)
      {
        throw Error(ErrorCode::BadInput, "h3k27m_status is given and the mask shows no tumour");
      }
      loaded.genotype = subject.genotype.value_or(0);
      return loaded;
    }
  }

  BidsCaseSource::BidsCaseSource(std::shared_ptr<const BidsFolder> folder, const std::string& split) :
    folder_(std::move(folder)),
    split_(split)
  {
    for (const BidsSubject& subject : folder_->GetSubjects())
    {
      if (subject.split == split && subject.mask)
      {
        subjects_.push_back(&subject);
      }
    }
    if (subjects_.empty())
    {
      throw Error(ErrorCode::BadInput,
                  "The data set " + folder_->GetPath().string() + " has no subject with a mask in the split " + split);
    }
  }

  std::size_t BidsCaseSource::GetCount() const
  {
    return subjects_.size();
  }

  TrainingCase BidsCaseSource::Load(std::size_t index) const
  {
    const BidsSubject& subject = GetSubject(index);
    try
    {
      return ReadCase(subject, subject.mask.value_or(std::filesystem::path()));
    }
    catch (const Error& e)
    {
      throw Error(e.GetCode(), subject.id + ": " + e.what(), e.CanRetry());
    }
  }

  Json::Value BidsCaseSource::Describe() const
  {
    Json::Value description;
    description["kind"] = "bids";
    description["contrast"] = ToString(folder_->GetContrast());
    description["split"] = split_;
    description["count"] = Json::UInt64{subjects_.size()};
    description["synthetic"] = Json::Int64{
      std::count_if(subjects_.begin(), subjects_.end(), [](const auto* subject) { return subject->IsSynthetic(); })};
    const BidsFolder::Hashes hashes = folder_->ComputeHashes();
    description["hash"] = hashes.whole;
    for (const BidsSubject* subject : subjects_)
    {
      description["images"][subject->id] = hashes.image.at(subject->id);
      if (const Json::Value& others = folder_->GetManifest().samePatient[subject->id]; others.isArray())
      {
        description["same_patient"][subject->id] = others;
      }
    }
    return description;
  }
}
