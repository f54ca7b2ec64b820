// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsFolder.h"
#include "Training/Data/ICaseSource.h"

#include <memory>

namespace H3K27M::Data
{
  // The subjects with a mask of a BIDS folder as training cases. One with the status n/a and an empty mask is
  // tumour-free; one without a mask is left out, because nobody has looked at it.
  class BidsCaseSource : public ICaseSource
  {
  public:
    // Of the split development or external. Throws Error(BadInput) when there is none.
    BidsCaseSource(std::shared_ptr<const BidsFolder> folder, const std::string& split);

    std::size_t GetCount() const override;

    // Throws Error with the subject's id: a mask on another grid is refused with the difference, and so is tumour in
    // the mask of a subject without a status.
    TrainingCase Load(std::size_t index) const override;

    // With the number of phantoms among them, `synthetic`, and in `same_patient` the names that subjects have in other
    // sets (SnapshotManifest.h), where one has any.
    Json::Value Describe() const override;

    const BidsSubject& GetSubject(std::size_t index) const
    {
      return *subjects_.at(index);
    }

  private:
    std::shared_ptr<const BidsFolder> folder_;
    std::string split_;
    std::vector<const BidsSubject*> subjects_;  // point into folder_
  };
}
